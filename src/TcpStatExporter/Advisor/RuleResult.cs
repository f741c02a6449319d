namespace TcpStatExporter.Advisor;

/// <summary>What a rule says: it holds, and here is the finding; it does not; or it cannot tell, and why not.</summary>
internal readonly record struct RuleResult
{
    private RuleResult(Finding? finding, string? reason)
    {
        Finding = finding;
        Reason = reason;
    }

    /// <summary>Looked at, and not so.</summary>
    public static RuleResult DoesNotHold => default;

    /// <summary>What was found, where the rule holds.</summary>
    public Finding? Finding { get; }

    /// <summary>Why the rule cannot tell, where it cannot.</summary>
    public string? Reason { get; }

    /// <summary>It is so.</summary>
    /// <param name="finding">What was found.</param>
    public static implicit operator RuleResult(Finding finding) => new(finding, null);

    /// <summary>Something that the rule needs is not known.</summary>
    /// <param name="reason">What, as a sentence without its full stop.</param>
    public static RuleResult CannotTell(string reason) => new(null, reason);
}
