using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What the namespace's counters said right after the listeners were read, for <see cref="LossAttribution"/>. All counts
/// are since the namespace was made.
/// </summary>
internal readonly ref struct LossEvidence
{
    /// <summary>The counters were read. Otherwise nothing is attributed at this look, and the next one makes up for it.</summary>
    public bool IsKnown { get; init; }

    /// <summary>ListenOverflows: SYNs and last ACKs that met a full accept queue.</summary>
    public ulong Overflows { get; init; }

    /// <summary>ListenDrops: those and all others that were lost.</summary>
    public ulong Drops { get; init; }

    /// <summary>TCPReqQFullDrop: SYNs that met a full SYN queue while SYN cookies were off; 0 where the kernel does not tell.</summary>
    public ulong SynQueueDrops { get; init; }

    /// <summary>By how much <see cref="Overflows"/> moved while the listeners were being read: so many may not show at any of them yet.</summary>
    public ulong MovedOverflows { get; init; }

    /// <summary>By how much <see cref="Drops"/> moved while the listeners were being read.</summary>
    public ulong MovedDrops { get; init; }

    /// <summary>tcp_syncookies is 0, so what is lost and not for a full accept queue is lost for a full SYN queue.</summary>
    public bool AreCookiesOff { get; init; }

    /// <summary>tcp_max_syn_backlog, which bounds SYN queues while cookies are off; 0 where it is not known.</summary>
    public long MaxSynBacklog { get; init; }

    /// <summary>Half-open connections by local end.</summary>
    public ReadOnlySpan<SynQueue> SynQueues { get; init; }
}
