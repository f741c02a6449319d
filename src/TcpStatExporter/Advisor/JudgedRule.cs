namespace TcpStatExporter.Advisor;

/// <summary>A rule and what it said.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="RuleResult">What it said.</param>
internal readonly record struct JudgedRule(IRule Rule, RuleResult RuleResult);
