using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>What all rules said of one stretch of time. Never changes once made.</summary>
internal sealed record Advice
{
    /// <summary>Nothing judged yet.</summary>
    public static Advice None { get; } = new() { Status = default, Window = default, UnixMilliseconds = 0, Judged = [], IsPartial = true, Counters = [] };

    /// <summary>What came of reading the machine's own facts.</summary>
    public required ReadResult Status { get; init; }

    /// <summary>Time between the two samples that were compared.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>When it was given, Unix time in milliseconds.</summary>
    public required long UnixMilliseconds { get; init; }

    /// <summary>Every rule and what it said, in the order of <see cref="RuleBook.All"/>.</summary>
    public required IReadOnlyList<Judged> Judged { get; init; }

    /// <summary>A source failed, or told no limit of the accept queues: that nothing was found does not mean that nothing is wrong.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>Kernel counters of loss that have moved since boot.</summary>
    public required IReadOnlyList<CountedLoss> Counters { get; init; }

    /// <summary>The worst severity that holds; none where nothing does.</summary>
    public Severity? Worst => Judged.Max(judged => judged.Judgement.Finding is null ? null : (Severity?)judged.Rule.Severity);
}
