using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>A listener is losing connections now, for a reason other than the SYN queue or one stuck worker.</summary>
internal sealed class ListenerDropping : IRule
{
    private const string Why =
        "While the accept queue is full (sk_acceptq_is_full), the kernel drops SYNs and the last ACKs of handshakes. Clients wait a second or more before each retry.";

    private const string Cost =
        "A longer queue holds more waiting connections (about 2 KB of kernel memory each), and clients may have left before they are accepted.";

    /// <inheritdoc/>
    public string Id => "listener-dropping";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "a listener is losing connections";

    /// <inheritdoc/>
    public string Runbook => "TcpListenerDroppingConnections";

    /// <inheritdoc/>
    public string Incident => "loss";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Recent.TcpExt("ListenDrops") is not { } drops)
        {
            return RuleResult.CannotTell("/proc/net/netstat could not be read");
        }

        if (!context.Has(SourceId.Listeners))
        {
            // the counters tell that something is lost, and not where. A pod that starts anew is read again soon: until then, its
            // losses are those of listeners that were known before
            var overflows = Math.Min(drops, context.Recent.TcpExt("ListenOverflows") ?? 0);
            return context.IsLosing(drops) && context.Now.Status(SourceId.Listeners).Error != SourceError.Stale
                ? WithoutName(context, new LossCounts(overflows, 0, drops - overflows))
                : RuleResult.CannotTell("listeners could not be read");
        }

        var losing = context.AffectedListeners.Where(suspect => suspect is { Condition: ListenerCondition.Losing, HasStuckWorker: false, IsForSynQueue: false }).ToArray();
        var unnamed = context.Unnamed;
        if (losing.Length == 0)
        {
            return unnamed.SynQueue * 2 <= unnamed.Total && context.IsLosing(unnamed.Total) && !IsToldElsewhere(context, unnamed) ? WithoutName(context, unnamed) : RuleResult.DoesNotHold;
        }

        var names = losing.Select(suspect => suspect.Identity).ToArray();
        var here = losing.Where(suspect => suspect.Gone is null).Select(suspect => suspect.Listener).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} {(names.Length == 1 ? "is" : "are")} losing connections",
            Listeners = names,
            Losses = [.. losing.Select(suspect => new Loss(suspect.Identity, suspect.Recent.Total, suspect.Listener.Lost.Total))],
            Measured = Words.AtMostTen(
            [
                .. losing.Select(suspect => $"{Words.Name(suspect.Identity)}: {ListenerConditions.Lost(suspect.Recent, context.Recent)}; {(suspect.Gone is { } gone ? ListenerConditions.Stopped(gone) : ListenerConditions.Queue(suspect.Listener))}{(suspect.Presumed > 0 ? $"; {Words.Count(suspect.Presumed)} more were lost when it stopped, most likely here" : "")}"),
                .. unnamed.Total > 0 ? [$"{Words.Count(unnamed.Total)} more {context.Recent.InTime} at listeners that cannot be named"] : Array.Empty<string>(),
                Counters(context),
            ]),
            Why = Why,
            Changes =
            [
                Change.Do("Find out why it does not accept: a stuck or busy process, too few workers, no descriptors left. Until it accepts, a longer queue only makes clients wait longer."),
                .. Backlog.Advise(context, here),
            ],
            Cost = Cost,
            Folklore = "tcp_max_syn_backlog does not limit the accept queue. tcp_abort_on_overflow=1 turns a short burst into errors that clients see.",
            Runbook = Runbook,
        };
    }

    /// <summary>
    /// Returns true if a full group or listener with another finding lost more than the unattributed rest. The rest is then
    /// most likely its own.
    /// </summary>
    private static bool IsToldElsewhere(AdvisorContext context, LossCounts unnamed)
    {
        foreach (var suspect in context.AffectedListeners)
        {
            if (suspect.Condition == ListenerCondition.Losing && suspect.Recent.Total > unnamed.Total)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>For a listener without series, or if no source shows whose loss it is.</summary>
    private static Finding WithoutName(AdvisorContext context, LossCounts lost) => new()
    {
        Title = "An unknown listener is losing connections",
        Losses = [new Loss(null, lost.Total, context.Now.Unattributed.Total)],
        Measured =
        [
            $"{ListenerConditions.Lost(lost, context.Recent)}, and {(context.Has(SourceId.Listeners) ? "no known listener explains it" : "listeners were not read")}",
            Counters(context),
        ],
        Why = Why,
        Changes = context.Has(SourceId.Listeners)
            ? [Change.Do("Find it with ss -ltn: the queue is full if Recv-Q is above Send-Q. Then find out why it does not accept.")]
            :
            [
                Change.Do("Find it in the network namespace that the counters are from (for a pod: nsenter --target PID --net ss -ltn, or kubectl debug): the queue is full if Recv-Q is above Send-Q. Then find out why it does not accept."),
                Change.Do($"If Send-Q is less than the application asks for: {Backlog.LimitOfNamespace}"),
            ],
        Cost = Cost,
        Runbook = "TcpAcceptQueueOverflow",
    };

    private static string Counters(AdvisorContext context) =>
        $"{context.Place} {context.Recent.InTime}: ListenDrops {Words.Count(context.Recent.TcpExt("ListenDrops") ?? 0)}, including ListenOverflows (accept queue full) {Words.Count(context.Recent.TcpExt("ListenOverflows") ?? 0)}; they count packets, so a client that retries counts again";
}
