namespace TcpStatExporter.Advisor;

/// <summary>A rule and what it said.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Judgement">What it said.</param>
internal readonly record struct Judged(IRule Rule, Judgement Judgement);
