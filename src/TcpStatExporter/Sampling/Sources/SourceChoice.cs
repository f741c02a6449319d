namespace TcpStatExporter.Sampling.Sources;

/// <summary>Where to read sockets and listeners from.</summary>
internal enum SourceChoice
{
    Auto,
    Procfs,
    Netlink,
}
