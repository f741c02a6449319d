using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>A source, and whether it could be read.</summary>
/// <param name="Id">The source.</param>
/// <param name="Name">In words: "listeners".</param>
/// <param name="Method">How it is read: <c>netlink</c>, <c>procfs</c>; empty where there is no such source.</param>
/// <param name="Result">What came of it the last time.</param>
internal sealed record SourceView(SourceId Id, string Name, string Method, ReadResult Result);
