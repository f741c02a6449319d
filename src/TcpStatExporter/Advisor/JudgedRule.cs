namespace TcpStatExporter.Advisor;

/// <summary>A rule and its result.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="RuleResult">Its result.</param>
internal readonly record struct JudgedRule(IRule Rule, RuleResult RuleResult);
