using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What a rule found on this host, and what to do about it.</summary>
internal sealed record Finding
{
    /// <summary>What is wrong and where, in one line.</summary>
    public required string Title { get; init; }

    /// <summary>The measurements on this host, one per line.</summary>
    public required IReadOnlyList<string> Measured { get; init; }

    /// <summary>Why it matters: what the kernel does, in one sentence.</summary>
    public required string Why { get; init; }

    /// <summary>What to change, best option first. Empty if the cause is outside this host.</summary>
    public required IReadOnlyList<Change> Changes { get; init; }

    /// <summary>What the changes cost or break.</summary>
    public required string Cost { get; init; }

    /// <summary>Popular advice that is wrong here, and what is true instead.</summary>
    public string? Folklore { get; init; }

    /// <summary>The affected listeners.</summary>
    public IReadOnlyList<ListenerIdentity> Listeners { get; init; } = [];

    /// <summary>The losses, per listener if it is about listeners. Empty if nothing is lost or no counter shows it.</summary>
    public IReadOnlyList<Loss> Losses { get; init; } = [];

    /// <summary>Total losses in the last seconds.</summary>
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

    /// <summary>The runbook with more details: that of an alert, or one below "advice/".</summary>
    public required string Runbook { get; init; }
}
