using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Mode 2 is for testing.</summary>
internal sealed class SyncookiesAlways : IRule
{
    /// <inheritdoc/>
    public string Id => "syncookies-always";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "SYN cookies are sent for every connection";

    /// <inheritdoc/>
    public string Runbook => "TcpSynQueueOverflow";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Number(Sysctl.TcpSyncookies) is not { } cookies)
        {
            return RuleResult.CannotTell("net.ipv4.tcp_syncookies could not be read (a kernel without CONFIG_SYN_COOKIES does not have it)");
        }

        return cookies != 2
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "SYN cookies are sent for every connection, not only on overflow",
                Measured =
                [
                    $"net.ipv4.tcp_syncookies {cookies}",
                    $"SyncookiesSent {Words.Count(context.TcpExt("SyncookiesSent") ?? 0)} since boot, {Words.Count(context.Lately.TcpExt("SyncookiesSent") ?? 0)} {context.Lately.InTime}",
                ],
                Why = "With 2, the kernel never keeps a half-open connection. So every client without timestamps loses window scaling and SACK, and the kernel does not repeat a lost SYN-ACK.",
                Changes = [Change.Set(context, Sysctl.TcpSyncookies, "1", "the kernel's default: cookies only while a SYN queue is full")],
                Cost = "None: the kernel still answers a flood with cookies.",
                Folklore = "2 is for testing, not a stronger protection. It also makes TCPReqQFullDoCookies count every SYN, even if the queue is not full.",
                Runbook = Runbook,
            };
    }
}
