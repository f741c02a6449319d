using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A connection stays in this state until the application closes it. No counter shows it.</summary>
internal sealed class CloseWaitLeak : IRule
{
    /// <inheritdoc/>
    public string Id => "close-wait-leak";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "an application does not close its connections";

    /// <inheritdoc/>
    public string Runbook => "TcpCloseWaitLeak";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.LeastCloseWait is not { } held || context.Tcp("CurrEstab") is not { } open || context.Lately.Closed is not { } closed)
        {
            return RuleResult.CannotTell("sockets or /proc/net/snmp could not be read, or the sockets were not counted within the last minute");
        }

        // if many connections come and go, the held ones may be different each time: with so many closed, each stays less than
        // Thresholds.CloseWaitStay on average
        if (held <= Thresholds.CloseWait || held <= Thresholds.CloseWaitShare * open || held * context.Lately.Time.TotalSeconds <= Thresholds.CloseWaitStay * closed)
        {
            return RuleResult.DoesNotHold;
        }

        var leaking = Leaking(context);
        var names = leaking.Select(entry => entry.Listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Who(context, names)}: at least {Words.Count(held)} always in CLOSE_WAIT",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                $"at least {Words.Count(held)} connections that a process holds in CLOSE_WAIT at every sample {context.Lately.InTime}, {Words.Count(context.Now.Kernel.CloseWaitHeld)} at the last; {Words.Count(open)} open in total, {Words.Count(closed)} closed in that time",
                .. Holders(context),
                .. leaking.Select(entry => $"{Words.Name(entry.Listener.Identity)}: {Words.Count(entry.Held)} in CLOSE_WAIT, {Words.Count(entry.Listener.Connections[TcpState.Established])} established"),
            ]),
            Why = "The peer has closed (FIN), and the kernel waits forever for the application to close its descriptor. When descriptors run out, accept(2) fails.",
            Changes =
            [
                Change.Do("In the application: close the socket when read(2) returns 0, on every path, including errors. Pools must drop connections that the server has closed."),
                Change.Do("Until then, restart it before it reaches its limit of open files. That closes all of them."),
            ],
            Cost = "A restart closes its other connections too.",
            Folklore = "No kernel parameter ends CLOSE_WAIT. tcp_fin_timeout and tcp_tw_reuse affect other states. Keepalive at best turns it into an error that the same application has to handle.",
            Runbook = Runbook,
        };
    }

    /// <summary>Names the unit that holds the most, and its remote side, or a listener if units are unknown.</summary>
    private static string Who(AdvisorContext context, ListenerIdentity[] listeners)
    {
        const string Leaks = "does not close its connections";
        if (context.Now.CloseWaitHolders.Count > 0 && context.Now.CloseWaitHolders[0].Identity is { } holder && (holder.Unit.Length > 0 || holder.Destination.Length > 0))
        {
            var own = Array.Find(listeners, listener => string.Equals(listener.Unit, holder.Unit, StringComparison.Ordinal));
            return holder.Destination.Length > 0
                ? $"{(holder.Unit.Length > 0 ? holder.Unit : "An application")} {Leaks} to {holder.Destination}"
                : $"{(own is null ? holder.Unit : Words.Name(own))} {Leaks}";
        }

        return $"{(listeners.Length > 0 ? Words.Names(listeners) : "An application")} {Leaks}";
    }

    private static List<string> Holders(AdvisorContext context)
    {
        var lines = new List<string>();
        foreach (ref readonly var holder in context.Now.CloseWaitHolders.Span)
        {
            var (unit, destination) = (holder.Identity.Unit, holder.Identity.Destination);
            lines.Add($"{(unit.Length > 0 ? unit : "an application of unknown unit")} holds {Words.Count(holder.Connections)} {(destination.Length > 0 ? $"that it opened to {destination}" : "that it accepted")}");
        }

        return lines;
    }

    /// <summary>
    /// Returns listeners whose accepted connections are in CLOSE_WAIT. Connections that still wait in the queue are not held
    /// by anybody.
    /// </summary>
    private static List<(SweepListener Listener, long Held)> Leaking(AdvisorContext context)
    {
        var leaking = new List<(SweepListener Listener, long Held)>();
        foreach (ref readonly var listener in context.Has(SourceId.Sweep) ? context.Now.Sweep.Listeners.Span : [])
        {
            var held = listener.Connections[TcpState.CloseWait] - Waiting(context, listener.Identity);
            if (held > 0 && Accepts(context, listener.Identity.Unit))
            {
                leaking.Add((listener, held));
            }
        }

        leaking.Sort((one, other) => other.Held.CompareTo(one.Held));
        return leaking;
    }

    private static long Waiting(AdvisorContext context, ListenerIdentity listener)
    {
        foreach (ref readonly var candidate in context.Now.Listeners.Span)
        {
            if (ReferenceEquals(candidate.Identity, listener))
            {
                return candidate.QueueLength;
            }
        }

        return 0;
    }

    /// <summary>Returns whether a unit holds CLOSE_WAIT connections that it accepted. Null if units are unknown.</summary>
    private static bool Accepts(AdvisorContext context, string unit)
    {
        foreach (ref readonly var holder in context.Now.CloseWaitHolders.Span)
        {
            if (holder.Identity.Destination.Length == 0 && string.Equals(holder.Identity.Unit, unit, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return context.Now.CloseWaitHolders.Count == 0;
    }
}
