using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>A listener that has a problem or had one lately.</summary>
/// <param name="Listener">The listener, as it is now or as it was last seen.</param>
/// <param name="Condition">The problem.</param>
/// <param name="Recent">Its losses in the last seconds.</param>
/// <param name="Lately">Its losses in the last minute.</param>
/// <param name="Gone">How long ago it closed. Null if it is open.</param>
internal sealed record AffectedListener(ListenerSample Listener, ListenerCondition Condition, LossCounts Recent, LossCounts Lately, TimeSpan? Gone)
{
    /// <summary>
    /// Losses of the last seconds that no listener accounts for but that are most likely its own, because it was losing
    /// connections until it closed.
    /// </summary>
    public ulong Presumed { get; init; }

    /// <summary>Its name.</summary>
    public ListenerIdentity Identity => Listener.Identity;

    /// <summary>One socket of its group is stuck.</summary>
    public bool HasStuckWorker => Gone is null && Advisor.ListenerConditions.HasStuckWorker(Listener);

    /// <summary>Most of its losses are SYNs that were dropped because the SYN queue was full and cookies are off.</summary>
    public bool IsForSynQueue => Lately.SynQueue * 2 > Lately.Total;
}
