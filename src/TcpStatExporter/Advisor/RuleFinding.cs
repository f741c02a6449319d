namespace TcpStatExporter.Advisor;

/// <summary>A rule that matched, and its finding.</summary>
/// <param name="Rule">The rule, with its severity.</param>
/// <param name="Finding">Its finding.</param>
internal sealed record RuleFinding(IRule Rule, Finding Finding);
