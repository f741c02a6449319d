using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What all rules said of one sample. Page, top, doctor, the view as JSON, the status line and the log all tell this, and have no opinion of their own. Never changes once made.</summary>
internal sealed record Advice
{
    /// <summary>Nothing judged yet.</summary>
    public static Advice None { get; } = new()
    {
        Window = default,
        UnixMilliseconds = 0,
        Judged = [],
        Verdict = new Verdict(VerdictLevel.Unknown, "Just started: no verdict yet", ""),
        IsPartial = true,
        Counters = [],
    };

    /// <summary>How long was looked at for what happens now.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>When it was given, Unix time in milliseconds.</summary>
    public required long UnixMilliseconds { get; init; }

    /// <summary>Every rule and what it said, in the order of the rule book.</summary>
    public required IReadOnlyList<JudgedRule> Judged { get; init; }

    /// <summary>What was found, the worst first, and of the same severity what loses most. Without what most hosts have.</summary>
    public IReadOnlyList<RuleFinding> Findings { get; init; } = [];

    /// <summary>What was found that most hosts have: told only when asked.</summary>
    public IReadOnlyList<RuleFinding> Common { get; init; } = [];

    /// <summary>The one line to read first.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Listeners with which something is the matter, or was lately, those that lose most first.</summary>
    public IReadOnlyList<AffectedListener> AffectedListeners { get; init; } = [];

    /// <summary>A source failed, or told no limit of the accept queues: that nothing was found does not mean that nothing is wrong.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>Kernel counters that tell of trouble and have moved since boot.</summary>
    public required IReadOnlyList<CountedLoss> Counters { get; init; }

    /// <summary>Where the runbooks of the findings are.</summary>
    public Runbooks Runbooks { get; init; } = Runbooks.Default;

    /// <summary>The worst severity that holds; none where nothing does.</summary>
    public Severity? Worst => Findings.Count > 0 ? Findings[0].Rule.Severity : Common.Count > 0 ? Severity.Info : null;

    /// <summary>What is told.</summary>
    /// <param name="isAll">With what most hosts have.</param>
    public IReadOnlyList<RuleFinding> Told(bool isAll) => isAll ? [.. Findings, .. Common] : Findings;

    /// <summary>What is the matter with a listener.</summary>
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
