using TcpStatExporter.Advisor;

namespace TcpStatExporter.View;

/// <summary>Something that a rule found.</summary>
/// <param name="Rule">The rule, with its severity.</param>
/// <param name="Finding">What it found.</param>
internal sealed record FindingView(IRule Rule, Finding Finding);
