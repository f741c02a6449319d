using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The kernel's default is 1, for a reason.</summary>
internal sealed class SyncookiesOff : IRule
{
    /// <inheritdoc/>
    public string Id => "syncookies-off";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "SYN cookies are off";

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

        return cookies != 0
            ? RuleResult.DoesNotHold
            : new Finding
            {
                Title = "SYN cookies are off: a small SYN flood locks clients out",
                Measured = [$"net.ipv4.tcp_syncookies {cookies}, tcp_max_syn_backlog {context.Text(Sysctl.TcpMaxSynBacklog)}"],
                Why = "Without cookies, a listener drops every SYN when it has as many half-open connections as its backlog. Each of them stays for up to a minute if nobody answers.",
                Changes = [Change.Set(context, Sysctl.TcpSyncookies, "1", "the kernel's default: cookies only while a SYN queue is full")],
                Cost = "None while no SYN queue is full.",
                Folklore = "Cookies do not weaken TCP in normal operation: with 1, the kernel sends none until a queue overflows.",
                Runbook = Runbook,
            };
    }
}
