namespace TcpStatExporter.Advisor.Rules;

/// <summary>The counter that is misread most often.</summary>
internal sealed class SyncookiesFailed : IRule
{
    private const double Tolerated = 10;

    /// <inheritdoc/>
    public string Id => "syncookies-failed";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "ACKs without a valid SYN cookie arrive";

    /// <inheritdoc/>
    public string Runbook => "TcpSyncookiesFailed";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Lately.TcpExt("SyncookiesFailed") is not { } failed)
        {
            return RuleResult.CannotTell("/proc/net/netstat could not be read");
        }

        return !context.Lately.Exceeds(failed, Tolerated, TimeSpan.FromMinutes(5))
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "ACKs without a valid SYN cookie arrive",
                Measured = [$"SyncookiesFailed {Words.Count(failed)} {context.Lately.InTime}, {Words.Count(context.TcpExt("SyncookiesFailed") ?? 0)} since boot"],
                Why = "The kernel counts ACKs whose cookie does not decode, and only at a listener that sent cookies in the last two minutes: forged ACKs, late ones, or clients that a load balancer moved to another host.",
                Changes = [Change.Do("Find out where they come from before you change anything: tcpdump 'tcp[tcpflags] == tcp-ack' on the port of the listener.")],
                Cost = "Looking costs nothing. A filter against forged ACKs costs CPU for each packet, and may hit late clients.",
                Folklore = "This does not measure SYN queue overflow: see TCPReqQFullDoCookies with cookies on, TCPReqQFullDrop with cookies off.",
                Runbook = Runbook,
            };
    }
}
