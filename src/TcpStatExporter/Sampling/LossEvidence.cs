using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// The namespace's counters right after the listeners were read, for <see cref="LossAttribution"/>. All counts are since the
/// namespace was created.
/// </summary>
internal readonly ref struct LossEvidence
{
    /// <summary>
    /// True if the counters were read. Otherwise this read attributes nothing, and the next one makes up for it.
    /// </summary>
    public bool IsKnown { get; init; }

    /// <summary>ListenOverflows: SYNs and last ACKs that met a full accept queue.</summary>
    public ulong Overflows { get; init; }

    /// <summary>ListenDrops: these and all other losses.</summary>
    public ulong Drops { get; init; }

    /// <summary>
    /// TCPReqQFullDrop: SYNs that met a full SYN queue while SYN cookies were off. 0 if the kernel does not report it.
    /// </summary>
    public ulong SynQueueDrops { get; init; }

    /// <summary>
    /// The increase of <see cref="Overflows"/> while the listeners were being read: this many may not show at any listener
    /// yet.
    /// </summary>
    public ulong MovedOverflows { get; init; }

    /// <summary>The increase of <see cref="Drops"/> while the listeners were being read.</summary>
    public ulong MovedDrops { get; init; }

    /// <summary>
    /// tcp_syncookies is 0, so losses that were not caused by a full accept queue were caused by a full SYN queue.
    /// </summary>
    public bool AreCookiesOff { get; init; }

    /// <summary>tcp_max_syn_backlog, which limits SYN queues while cookies are off. 0 if unknown.</summary>
    public long MaxSynBacklog { get; init; }

    /// <summary>Half-open connections by local endpoint.</summary>
    public ReadOnlySpan<SynQueue> SynQueues { get; init; }
}
