namespace TcpStatExporter.View;

/// <summary>Resources with a limit.</summary>
internal enum LimitKind
{
    /// <summary>Sockets in TIME_WAIT.</summary>
    TimeWait,

    /// <summary>Local ports used by outgoing connections, over all destinations.</summary>
    EphemeralPorts,

    /// <summary>Local ports used by connections to the busiest destination.</summary>
    BusiestDestination,

    /// <summary>TCP memory, host-wide, in bytes.</summary>
    Memory,

    /// <summary>Sockets that no process holds any more, host-wide.</summary>
    Orphans,

    /// <summary>Entries of connection tracking.</summary>
    Conntrack,

    /// <summary>Receive queue of the UDP receiver with the most drops, or of the fullest one, in bytes.</summary>
    UdpReceiver,

    /// <summary>The accept queue of the AF_UNIX listener that is fullest, or was in the peak window.</summary>
    UnixListener,
}
