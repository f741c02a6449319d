using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// What all rules found in one sample. Page, top, doctor, the JSON view, the status line and the log all show this, and judge
/// nothing themselves. Immutable.
/// </summary>
internal sealed record Advice
{
    /// <summary>No advice yet.</summary>
    public static Advice None { get; } = new()
    {
        Window = default,
        UnixMilliseconds = 0,
        Judged = [],
        Verdict = new Verdict(VerdictLevel.Unknown, "Just started: no verdict yet", ""),
        IsPartial = true,
        Counters = [],
    };

    /// <summary>The time over which current events are counted.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>When the rules ran, in Unix milliseconds.</summary>
    public required long UnixMilliseconds { get; init; }

    /// <summary>Each rule and its result, in the order of the rule book.</summary>
    public required IReadOnlyList<JudgedRule> Judged { get; init; }

    /// <summary>
    /// The findings, worst first. With the same severity, the one with the most losses comes first. Without the findings that
    /// most hosts have.
    /// </summary>
    public IReadOnlyList<RuleFinding> Findings { get; init; } = [];

    /// <summary>Findings that most hosts have. Shown only on request.</summary>
    public IReadOnlyList<RuleFinding> Common { get; init; } = [];

    /// <summary>The line to read first.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Listeners that have a problem or had one lately, most losses first.</summary>
    public IReadOnlyList<AffectedListener> AffectedListeners { get; init; } = [];

    /// <summary>
    /// True if a source failed, or if the limits of the accept queues are unknown. Then the absence of findings does not mean
    /// that nothing is wrong.
    /// </summary>
    public required bool IsPartial { get; init; }

    /// <summary>Kernel counters that show problems and have increased since boot.</summary>
    public required IReadOnlyList<CountedLoss> Counters { get; init; }

    /// <summary>Location of the findings' runbooks.</summary>
    public Runbooks Runbooks { get; init; } = Runbooks.Default;

    /// <summary>The worst severity of the findings. Null if there are none.</summary>
    public Severity? Worst => Findings.Count > 0 ? Findings[0].Rule.Severity : Common.Count > 0 ? Severity.Info : null;

    /// <summary>Returns the findings to show.</summary>
    /// <param name="isAll">Include findings that most hosts have.</param>
    public IReadOnlyList<RuleFinding> Told(bool isAll) => isAll ? [.. Findings, .. Common] : Findings;

    /// <summary>Returns the condition of a listener.</summary>
    /// <param name="listener">The listener.</param>
    public ListenerCondition ConditionOf(ListenerIdentity listener)
    {
        foreach (var suspect in AffectedListeners)
        {
            if (ReferenceEquals(suspect.Identity, listener))
            {
                return suspect.Condition;
            }
        }

        return ListenerCondition.None;
    }
}
