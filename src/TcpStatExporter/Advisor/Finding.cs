using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What a rule found on this host, and what to do about it.</summary>
internal sealed record Finding
{
    /// <summary>What is wrong here, one line, with what it is wrong with.</summary>
    public required string Title { get; init; }

    /// <summary>What was measured here, a line each.</summary>
    public required IReadOnlyList<string> Measured { get; init; }

    /// <summary>Why it matters, by what the kernel does: one sentence.</summary>
    public required string Why { get; init; }

    /// <summary>What to change, the best first. Empty where the cause lies outside this host.</summary>
    public required IReadOnlyList<Change> Changes { get; init; }

    /// <summary>What the changes cost or break.</summary>
    public required string Cost { get; init; }

    /// <summary>Popular advice that is wrong here, and what is true.</summary>
    public string? Folklore { get; init; }

    /// <summary>Listeners that it is about.</summary>
    public IReadOnlyList<ListenerIdentity> Listeners { get; init; } = [];

    /// <summary>What it counts as lost, by listener where it is about listeners; empty where nothing is lost or no counter tells.</summary>
    public IReadOnlyList<Loss> Losses { get; init; } = [];

    /// <summary>What was lost in the last seconds, in all.</summary>
    public ulong Lost
    {
        get
        {
            ulong lost = 0;
            foreach (var loss in Losses)
            {
                lost += loss.Recent;
            }

            return lost;
        }
    }

    /// <summary>The runbook that says more: that of an alert, or one below "advice/".</summary>
    public required string Runbook { get; init; }
}
