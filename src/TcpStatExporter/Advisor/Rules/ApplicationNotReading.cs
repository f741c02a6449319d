using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>An application accepts connections but does not read what clients send.</summary>
internal sealed class ApplicationNotReading : IRule
{
    /// <summary>Fewer connections may just be uploads to a slow disk.</summary>
    private const int Fewest = 10;

    private const double NearlyAll = 0.8;

    /// <inheritdoc/>
    public string Id => "application-not-reading";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "an application accepts connections but does not read from them";

    /// <inheritdoc/>
    public string Runbook => "TcpApplicationNotReading";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sweep))
        {
            return RuleResult.CannotTell("no full scan of all sockets has run yet");
        }

        var deaf = new List<SweepListener>();
        foreach (ref readonly var listener in context.Now.Sweep.Listeners.Span)
        {
            if (listener.Unread >= Fewest && listener.Unread >= NearlyAll * Open(listener))
            {
                deaf.Add(listener);
            }
        }

        if (deaf.Count == 0)
        {
            return RuleResult.DoesNotHold;
        }

        deaf.Sort((one, other) => other.Unread.CompareTo(one.Unread));
        var names = deaf.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} {(names.Length == 1 ? "accepts" : "accept")} connections but {(names.Length == 1 ? "reads" : "read")} nothing",
            Listeners = names,
            Measured = Words.AtMostTen([.. deaf.Select(listener =>
                $"{Words.Name(listener.Identity)}: {Words.Count(listener.Unread)} of {Words.Count(Open(listener))} accepted connections had unread bytes at the last two scans of all sockets")]),
            Why = "What a client sends waits in the receive queue until the application reads it. The application still accepts (often in a separate thread), so queues and counters look healthy while no request gets an answer.",
            Changes = [Change.Do("Find out what its workers do: a deadlock, a pool waiting for a dead dependency, a full disk. Take a stack trace, then restart it.")],
            Cost = "A restart resets its connections.",
            Folklore = "Larger receive buffers (tcp_rmem): they only let more unread data pile up.",
            Runbook = Runbook,
        };
    }

    private static long Open(in SweepListener listener) => listener.Connections[TcpState.Established] + listener.Connections[TcpState.CloseWait];
}
