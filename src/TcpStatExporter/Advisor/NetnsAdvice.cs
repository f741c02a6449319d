using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Advisor;

/// <summary>A network namespace that was found, and what judges it.</summary>
/// <param name="Watched">The namespace.</param>
/// <param name="Judge">What judges it.</param>
internal sealed record NetnsAdvice(WatchedNetns Watched, NamespaceAdvice Judge);
