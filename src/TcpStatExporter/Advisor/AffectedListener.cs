using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>A listener with which something is the matter, or was lately.</summary>
/// <param name="Listener">The listener, as it is or as it was at the last look that saw it.</param>
/// <param name="Condition">What is the matter.</param>
/// <param name="Recent">What it lost in the last seconds.</param>
/// <param name="Lately">What it lost in the last minute.</param>
/// <param name="Gone">How long ago it stopped listening; none where it listens.</param>
internal sealed record AffectedListener(ListenerSample Listener, ListenerCondition Condition, LossCounts Recent, LossCounts Lately, TimeSpan? Gone)
{
    /// <summary>What was lost in the last seconds and nobody accounts for, where that is most likely its own: it lost connections until it went.</summary>
    public ulong Presumed { get; init; }

    /// <summary>Its name.</summary>
    public ListenerIdentity Identity => Listener.Identity;

    /// <summary>One socket of its group hangs.</summary>
    public bool HasStuckWorker => Gone is null && Advisor.ListenerConditions.HasStuckWorker(Listener);

    /// <summary>Most of what it loses are SYNs that find a full SYN queue, with cookies off.</summary>
    public bool IsForSynQueue => Lately.SynQueue * 2 > Lately.Total;
}
