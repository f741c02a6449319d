namespace TcpStatExporter.Sampling;

/// <summary>Why connection requests or handshakes were lost at a listener; a value of the label <c>reason</c>.</summary>
internal enum LossReason
{
    /// <summary>The accept queue was full (ListenOverflows).</summary>
    AcceptQueue,

    /// <summary>The SYN queue was full and SYN cookies are off.</summary>
    SynQueue,

    /// <summary>Anything else that moves ListenDrops: no memory, a route that is gone, a security module.</summary>
    Other,
}
