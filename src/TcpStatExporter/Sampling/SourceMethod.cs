namespace TcpStatExporter.Sampling;

/// <summary>How a source is read; a value of the label <c>method</c>.</summary>
internal enum SourceMethod
{
    Procfs,
    Netlink,
}
