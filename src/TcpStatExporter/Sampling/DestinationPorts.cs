namespace TcpStatExporter.Sampling;

/// <summary>Local ports used by connections to one destination.</summary>
/// <param name="Destination">The destination. The default value if there is none.</param>
/// <param name="Used">Ports in use.</param>
/// <param name="TimeWait">Ports in use whose connection is in TIME_WAIT.</param>
/// <param name="Held">Ports that connect(2) cannot reuse: all of them, or all without those in TIME_WAIT.</param>
internal readonly record struct DestinationPorts(Destination Destination, int Used, int TimeWait, int Held)
{
    /// <summary>
    /// cgroup2 id of the owner of most of the connections. Connections in TIME_WAIT have no owner and are ignored. 0 if
    /// unknown.
    /// </summary>
    public ulong CgroupId { get; init; }
}
