namespace TcpStatExporter.Advisor.Rules;

/// <summary>Connections are reset instead of closed.</summary>
internal sealed class ResetStorm : IRule
{
    private const double PerSecond = 5;
    private const double ShareOfOpens = 0.25;

    /// <inheritdoc/>
    public string Id => "reset-storm";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "many connections end with a reset";

    /// <inheritdoc/>
    public string Runbook => "TcpResetStorm";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Lately.Tcp("EstabResets") is not { } resets || context.Lately.Tcp("ActiveOpens") is not { } active || context.Lately.Tcp("PassiveOpens") is not { } passive)
        {
            return RuleResult.CannotTell("/proc/net/snmp could not be read");
        }

        // most connections cut off at once is a separate finding
        resets -= Math.Min(resets, ConnectionsLost.Of(context) is { } fall && fall.At > context.Lately.Before.At ? fall.Resets : 0);
        return context.Lately.PerSecond(resets) <= PerSecond || resets <= ShareOfOpens * (active + passive)
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = $"{Words.Rate(context.Lately.PerSecond(resets))} connections a second end with a reset",
                Measured =
                [
                    $"{Words.Count(resets)} reset {context.Lately.InTime} (EstabResets, counts both ends if both are on this host), {Words.Count(active + passive)} opened",
                    $"here: closed with data unread (TCPAbortOnClose) {Words.Count(context.Lately.TcpExt("TCPAbortOnClose") ?? 0)}, closed before data came or with SO_LINGER 0 (TCPAbortOnData) {Words.Count(context.Lately.TcpExt("TCPAbortOnData") ?? 0)}, timed out (TCPAbortOnTimeout) {Words.Count(context.Lately.TcpExt("TCPAbortOnTimeout") ?? 0)}; the rest came from peers",
                ],
                Why = "A reset discards data in flight in both directions. The peer may lose the end of an answer that was already sent.",
                Changes =
                [
                    Change.Do("TCPAbortOnClose: the application closes before it has read everything that the peer sent. Read to the end (read(2) returns 0), or call shutdown(2) first and drain."),
                    Change.Do("TCPAbortOnData: it closes while the peer still sends, or with SO_LINGER 0. If peers send the resets, look there."),
                ],
                Cost = "None.",
                Folklore = "Kernel parameters: no sysctl turns a close with unread data into a normal close.",
                Runbook = Runbook,
            };
    }
}
