using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// A server closes idle connections sooner than load balancers and clients expect. Informational only: this host does not know
/// who is in front of it. Says nothing if the closes do not come after nearly the same idle time, or if many connections stay
/// open for longer.
/// </summary>
internal sealed class KeepaliveTimeoutShort : IRule
{
    /// <summary>What most load balancers and proxies assume.</summary>
    private const double Expected = 60;

    /// <summary>Closes for each connection that stays idle for longer: upgraded ones (WebSocket) may.</summary>
    private const int ClosesForOneLonger = 4;

    /// <inheritdoc/>
    public string Id => "keepalive-timeout-short";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "a server closes idle connections sooner than load balancers expect";

    /// <inheritdoc/>
    public string Runbook => "advice/keepalive-timeout-short";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Sweep))
        {
            return RuleResult.CannotTell("no full scan of all sockets has run yet");
        }

        var closing = context.Now.Sweep.Listeners.Span.ToArray()
            .Where(listener => listener.IdleTimeout is > 0 and < Expected && listener.IdleLonger * ClosesForOneLonger <= listener.IdleCloses)
            .OrderBy(listener => listener.IdleTimeout)
            .ToArray();
        if (closing.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = closing.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} {(names.Length == 1 ? "closes" : "close")} idle connections after about {Words.Seconds(closing[0].IdleTimeout)}",
            Listeners = names,
            Measured = Words.AtMostTen([.. closing.Select(Measure)]),
            Why = $"The server closes first. If a load balancer or a client with a pool keeps idle connections for longer, it sooner or later sends a request on one that the server is just closing. The server answers with a reset, and the request fails (502, \"connection reset by peer\"). Most load balancers assume {Expected:0} s.",
            Changes =
            [
                Change.Do("If a load balancer or proxy is in front: set the server's idle timeout (keep-alive timeout) a few seconds above that of the load balancer, or set the load balancer's below the server's."),
                Change.Do("In clients with a pool: drop connections that were idle for longer than the server keeps them."),
            ],
            Cost = "Idle connections stay open for longer: each takes a file descriptor and some memory, and in servers with a worker for each connection also a worker.",
            Folklore = "TCP keepalive (tcp_keepalive_time, SO_KEEPALIVE) does not reset the server's idle timeout.",
            Runbook = Runbook,
        };
    }

    private static string Measure(SweepListener listener) =>
        $"{Words.Name(listener.Identity)}: {Words.Count(listener.IdleCloses)} of the last connections that it closed first had been idle for about {Words.Seconds(listener.IdleTimeout)}; "
        + (listener.IdleLonger == 0 ? "none was idle for longer at the last scan of all sockets" : $"{Words.Count(listener.IdleLonger)} were idle for longer at the last scan of all sockets")
        + ". An estimate: a connection on which data went between the last scan that saw it and its close counts as idle for too long";
}
