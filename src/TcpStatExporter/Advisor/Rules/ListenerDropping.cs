using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>Drops at a listener, for another reason than the SYN queue or one stuck worker.</summary>
internal sealed class ListenerDropping : IRule
{
    private const string Why =
        "A full accept queue (sk_acceptq_is_full) makes the kernel drop SYNs and the last ACK of handshakes, and clients wait a second or more for each retry.";

    private const string Cost =
        "A longer queue holds more connections that wait (about 2 KB of kernel memory each), and clients may have left by the time they are accepted.";

    /// <inheritdoc/>
    public string Id => "listener-dropping";

    /// <inheritdoc/>
    public Severity Severity => Severity.Critical;

    /// <inheritdoc/>
    public string Subject => "a listener drops connections";

    /// <inheritdoc/>
    public Judgement Judge(AdvisorContext context)
    {
        if (!context.Has(SourceId.Listeners) || context.TcpExtAdded("ListenDrops") is null)
        {
            return Judgement.CannotTell("listeners or /proc/net/netstat could not be read");
        }

        var dropping = context.Find((in ListenerSample listener) => Trouble.IsDropping(context, listener) && !Trouble.HasStuckWorker(listener));
        if (dropping.Count == 0)
        {
            return JudgeWithoutNames(context);
        }

        var names = dropping.Select(listener => listener.Identity).ToArray();
        return new Finding
        {
            Title = $"{Words.Names(names)} {(names.Length == 1 ? "is" : "are")} dropping connections",
            Listeners = names,
            Measured = Words.AtMostTen(
            [
                .. dropping
                    .OrderByDescending(listener => context.Dropped(listener))
                    .Select(listener => $"{Words.Name(listener.Identity)}: {Words.Count(context.Dropped(listener))} packets dropped {context.InWindow}; {Trouble.Queue(listener)}"),
                Counters(context),
            ]),
            Why = Why,
            Changes =
            [
                Change.Do("See why it does not accept: a stuck or busy process, too few workers, no descriptors left. While it does not, a longer queue only makes clients wait longer."),
                .. Trouble.RaiseBacklog(context, dropping),
            ],
            Cost = Cost,
            Folklore = "tcp_max_syn_backlog does not bound the accept queue, and tcp_abort_on_overflow=1 turns a short burst into errors that clients see.",
            Runbook = "TcpListenerDroppingConnections",
        };
    }

    /// <summary>A listener without series or drop count may be the one that drops.</summary>
    private static Judgement JudgeWithoutNames(AdvisorContext context)
    {
        var overflows = context.TcpExtAdded("ListenOverflows") ?? 0;
        ulong explained = 0;
        foreach (ref readonly var listener in context.Now.Listeners.Span)
        {
            explained += context.Dropped(listener);
        }

        if (overflows <= explained || !Trouble.IsLoss(context, overflows - explained))
        {
            return Judgement.DoesNotHold;
        }

        return new Finding
        {
            Title = "A listener that cannot be named is dropping connections",
            Measured = [Counters(context)],
            Why = Why,
            Changes = [Change.Do("Find it with ss -ltn: the queue is full where Recv-Q is above Send-Q. Then see why it does not accept, and raise its backlog.")],
            Cost = Cost,
            Runbook = "TcpAcceptQueueOverflow",
        };
    }

    private static string Counters(AdvisorContext context) =>
        $"this host {context.InWindow}: ListenDrops {Words.Count(context.TcpExtAdded("ListenDrops") ?? 0)}, of which ListenOverflows (accept queue full) {Words.Count(context.TcpExtAdded("ListenOverflows") ?? 0)}; they count packets, so a client that retries counts again";
}
