namespace TcpStatExporter.View;

/// <summary>What has a limit.</summary>
internal enum LimitKind
{
    /// <summary>Sockets in TIME_WAIT.</summary>
    TimeWait,

    /// <summary>Local ports that outgoing connections take, over all destinations.</summary>
    EphemeralPorts,

    /// <summary>The same, to the destination that takes most.</summary>
    BusiestDestination,

    /// <summary>Memory of TCP, host-wide, in bytes.</summary>
    Memory,

    /// <summary>Sockets that no process holds any more, host-wide.</summary>
    Orphans,

    /// <summary>Entries of connection tracking.</summary>
    Conntrack,

    /// <summary>The receive queue of the UDP receiver that dropped most, or is fullest, in bytes.</summary>
    UdpReceiver,
}
