namespace TcpStatExporter.Advisor;

/// <summary>A rule that holds, and what it found.</summary>
/// <param name="Rule">The rule, with its severity.</param>
/// <param name="Finding">What it found.</param>
internal sealed record RuleFinding(IRule Rule, Finding Finding);
