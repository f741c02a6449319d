using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The kernel sets the limit, not the application.</summary>
internal sealed class SomaxconnCapsBacklog : IRule
{
    /// <summary>The kernel's default before Linux 5.4.</summary>
    private const long SmallCap = 128;

    /// <inheritdoc/>
    public string Id => "somaxconn-caps-backlog";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "net.core.somaxconn limits the backlog that an application asked for";

    /// <inheritdoc/>
    public string Runbook => "TcpAcceptQueueFilling";

    /// <inheritdoc/>
    public bool IsSetting => true;

    /// <inheritdoc/>
    public bool IsCommon => true;

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || context.Number(Sysctl.Somaxconn) is not { } somaxconn)
        {
            return RuleResult.CannotTell("listeners or net.core.somaxconn could not be read");
        }

        if (!context.HasLimits)
        {
            return RuleResult.CannotTell("procfs does not show the limits of accept queues, and netlink is not available");
        }

        // the requested backlog is not visible: a limit equal to the cap means that much or more
        var capped = context.Find((in ListenerSample listener) =>
            Backlog.LimitOfOne(listener) == somaxconn
            && (somaxconn <= SmallCap || listener.FillRatioPeak > 0.5)
            && context.ConditionOf(listener.Identity) == ListenerCondition.None);
        var changes = capped.Count == 0 ? [] : Backlog.Raise(context, capped).ToArray();
        if (changes.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        var names = capped.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"net.core.somaxconn ({somaxconn}) is the limit of the accept queue of {Words.Names(names)}",
            Listeners = names,
            Measured = Words.AtMostTen([.. capped.Select(listener => $"{Words.Name(listener.Identity)}: {ListenerConditions.Queue(listener)}")]),
            Why = "listen(2) uses min(backlog, somaxconn). These applications asked for at least that much and got no more.",
            Changes = changes,
            Cost = "Applications that pass a very large backlog get a longer queue at their next start. Each waiting connection uses about 2 KB of kernel memory.",
            Folklore = "Setting the parameter alone: an open listener keeps its limit until it calls listen(2) again.",
            Runbook = Runbook,
        };
    }
}
