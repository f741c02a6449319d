namespace TcpStatExporter.Sampling.Sources;

/// <summary>Where sockets and listeners are read from.</summary>
internal enum SourceChoice
{
    Auto,
    Procfs,
    Netlink,
}
