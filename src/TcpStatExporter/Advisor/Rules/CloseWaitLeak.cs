using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The state stays until the application closes; no counter tells.</summary>
internal sealed class CloseWaitLeak : IRule
{
    private const long Tolerated = 20;
    private const double ShareOfAll = 0.05;

    /// <summary>Seconds: far longer than an application that closes at all takes from read(2) to close(2).</summary>
    private const double LeastStay = 0.5;

    /// <inheritdoc/>
    public string Id => "close-wait-leak";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "an application does not close its connections";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (context.LeastCloseWait is not { } held || context.Tcp("CurrEstab") is not { } open || context.Closed is not { } closed)
        {
            return Judgement.CannotTell("sockets or /proc/net/snmp could not be read");
        }

        // others each time, where many come and go: so many that stay so long on average pass through at this rate
        if (held <= Tolerated || held <= ShareOfAll * open || held * context.Window.TotalSeconds <= LeastStay * closed)
        {
            return Judgement.DoesNotHold;
        }

        var leaking = new List<SweepListener>();
        if (context.Has(SourceId.Sweep))
        {
            foreach (ref readonly var listener in context.Now.Sweep.Listeners.Span)
            {
                if (listener.Connections[TcpState.CloseWait] > 0)
                {
                    leaking.Add(listener);
                }
            }
        }

        leaking.Sort((one, other) => other.Connections[TcpState.CloseWait].CompareTo(one.Connections[TcpState.CloseWait]));
        var names = leaking.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{(names.Length > 0 ? Words.Names(names) : "An application")} does not close its connections: at least {Words.Count(held)} in CLOSE_WAIT at every look",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                $"at least {Words.Count(held)} connections that a process holds in CLOSE_WAIT at every look {context.InWindow}, {Words.Count(context.Now.Kernel.CloseWaitHeld)} at the last; {Words.Count(open)} open in all, {Words.Count(closed)} closed meanwhile",
                .. leaking.Select(listener => $"{Words.Name(listener.Identity)}: {Words.Count(listener.Connections[TcpState.CloseWait])} in CLOSE_WAIT, {Words.Count(listener.Connections[TcpState.Established])} established"),
                .. context.Has(SourceId.Sweep) && leaking.Sum(listener => listener.Connections[TcpState.CloseWait]) < held
                    ? ["the rest belongs to no listener: connections that an application here opened"]
                    : Array.Empty<string>(),
            ]),
            Why = "The peer has sent its FIN and the kernel waits, for ever, for the application to close its descriptor; when descriptors run out, accept(2) fails.",
            Changes =
            [
                Change.Do("In the application: close the socket when read(2) returns 0, in every branch, errors included. Pools must drop connections that the server has closed."),
                Change.Do("Until then, restart it before it meets its limit of open files: that closes all of them."),
            ],
            Cost = "A restart closes its other connections too.",
            Folklore = "No kernel parameter ends CLOSE_WAIT: tcp_fin_timeout and tcp_tw_reuse are for other states, and keepalive at best turns it into an error that the same application has to notice.",
            Runbook = "TcpCloseWaitLeak",
        };
    }
}
