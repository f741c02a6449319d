namespace TcpStatExporter.Sampling;

/// <summary>How a source is read. A value of the label <c>method</c>.</summary>
internal enum SourceMethod
{
    Procfs,
    Netlink,
}
