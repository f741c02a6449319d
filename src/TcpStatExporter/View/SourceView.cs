using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>A source and the result of reading it.</summary>
/// <param name="Name">Its name in words: "listeners".</param>
/// <param name="Method">How it is read: <c>netlink</c>, <c>procfs</c>. Empty if there is no such source.</param>
/// <param name="Result">The result of the last read.</param>
internal sealed record SourceView(string Name, string Method, ReadResult Result)
{
    /// <summary>False if the exporter does not read it for this network namespace.</summary>
    public bool Exists { get; init; } = true;
}
