namespace TcpStatExporter.Advisor;

/// <summary>The result of a rule: a finding, no problem, or the reason why it cannot be checked.</summary>
internal readonly record struct RuleResult
{
    private RuleResult(Finding? finding, string? reason)
    {
        Finding = finding;
        Reason = reason;
    }

    /// <summary>Checked, no problem.</summary>
    public static RuleResult DoesNotHold => default;

    /// <summary>The finding, if the rule matched.</summary>
    public Finding? Finding { get; }

    /// <summary>Why the rule cannot be checked. Null if it can.</summary>
    public string? Reason { get; }

    /// <summary>Creates the result for a finding.</summary>
    /// <param name="finding">The finding.</param>
    public static implicit operator RuleResult(Finding finding) => new(finding, null);

    /// <summary>Creates the result if something that the rule needs is unknown.</summary>
    /// <param name="reason">What is unknown, as a sentence without its full stop.</param>
    public static RuleResult CannotTell(string reason) => new(null, reason);
}
