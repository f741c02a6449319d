using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>
/// The application sets the limit, not the kernel. Nothing is wrong until a burst arrives, so this is only informational.
/// </summary>
internal sealed class BacklogBelowSomaxconn : IRule
{
    /// <summary>SOMAXCONN of the C library for decades. Many programs still use it as their default.</summary>
    private const long OldDefault = 128;

    /// <inheritdoc/>
    public string Id => "backlog-below-somaxconn";

    /// <inheritdoc/>
    public Severity Severity => Severity.Info;

    /// <inheritdoc/>
    public string Subject => "an application asked for a small backlog";

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

        // listeners with problems have other findings, with a matching backlog
        var small = context.Find((in ListenerSample listener) =>
            Backlog.LimitOfOne(listener) < somaxconn
            && (Backlog.LimitOfOne(listener) <= OldDefault || listener.FillRatioPeak > 0.5)
            && Applications.CanChangeBacklog(listener.Identity.Unit)
            && context.ConditionOf(listener.Identity) == ListenerCondition.None);
        var changes = small.Count == 0 ? [] : Backlog.Raise(context, small).ToArray();
        if (changes.Length == 0)
        {
            return RuleResult.DoesNotHold;
        }

        small.Sort((one, other) => other.FillRatioPeak.CompareTo(one.FillRatioPeak));
        var names = small.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} asked for a smaller backlog than somaxconn ({somaxconn}) allows",
            Listeners = names,
            Measured = Words.AtMostTen([.. small.Select(listener =>
                $"{Words.Name(listener.Identity)}: asked for {Backlog.LimitOfOne(listener)}; longest queue seen {Words.Count((long)listener.QueuePeak)}")]),
            Why = "The limit of the accept queue is min(backlog, somaxconn), fixed at listen(2). If more connections than that arrive between two accept(2) calls, the kernel drops the rest.",
            Changes = changes,
            Cost = "None while the application keeps up. It needs a restart to take effect.",
            Folklore = "Raising net.core.somaxconn: the application itself asked for less.",
            Runbook = Runbook,
        };
    }
}
