namespace TcpStatExporter.Sampling;

/// <summary>Local ports that one destination takes.</summary>
/// <param name="Destination">The destination; default where there is none.</param>
/// <param name="Used">Ports that its connections take.</param>
/// <param name="TimeWait">Those of them whose connection is in TIME_WAIT.</param>
/// <param name="Held">Those of them that connect(2) cannot take over: all, or without those in TIME_WAIT.</param>
internal readonly record struct DestinationPorts(Destination Destination, int Used, int TimeWait, int Held)
{
    /// <summary>cgroup2 id of the owner of most of its connections, those in TIME_WAIT left out, which have none; 0 where unknown.</summary>
    public ulong CgroupId { get; init; }
}
