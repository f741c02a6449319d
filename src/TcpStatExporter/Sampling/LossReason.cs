namespace TcpStatExporter.Sampling;

/// <summary>Why connection requests or handshakes were lost at a listener. A value of the label <c>reason</c>.</summary>
internal enum LossReason
{
    /// <summary>The accept queue was full (ListenOverflows).</summary>
    AcceptQueue,

    /// <summary>The SYN queue was full and SYN cookies are off.</summary>
    SynQueue,

    /// <summary>Anything else that increments ListenDrops: no memory, a missing route, a security module.</summary>
    Other,
}
