using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What to do about accept queues that are too short, and when a longer queue would not help.</summary>
internal static class Backlog
{
    /// <summary>What to do if the kernel's cap is lower than the backlog, in a network namespace whose cap cannot be read.</summary>
    public const string LimitOfNamespace = "net.core.somaxconn limits it, and each network namespace has its own. For a pod: securityContext.sysctls (the kubelet has to allow it: --allowed-unsafe-sysctls). For docker and podman: --sysctl. Then restart the application.";

    /// <summary>A backlog that bursts hardly ever fill. Also the kernel's default for somaxconn since Linux 5.4.</summary>
    private const long Ample = 4096;

    private const int MostNamed = 5;

    /// <summary>
    /// A queue that is full for at least this share of the time is not full from bursts: the application cannot keep up.
    /// </summary>
    private const double NearlyAlways = 0.8;

    /// <summary>
    /// Returns the advice for listeners whose queue is or was full, or nearly full. If it is full nearly all the time: more
    /// capacity. If bursts did not fit: a backlog for the largest burst. If everything fitted so far: an ample backlog.
    /// </summary>
    /// <param name="context">What is known of the host.</param>
    /// <param name="listeners">The listeners, worst first.</param>
    public static IEnumerable<Change> Advise(AdvisorContext context, IReadOnlyList<ListenerSample> listeners)
    {
        var bursty = new List<(ListenerSample Listener, long Wanted)>();
        var tight = new List<ListenerSample>();
        var told = 0;
        foreach (var listener in listeners)
        {
            if (context.Lately.FullShare(listener) is { } share and >= NearlyAlways)
            {
                if (told++ < MostNamed)
                {
                    yield return Capacity(context, listener, share);
                }
            }
            else if (Wanted(context, listener) is { } wanted)
            {
                bursty.Add((listener, wanted));
            }
            else
            {
                tight.Add(listener);
            }
        }

        if (told > MostNamed)
        {
            yield return Change.Do($"The same for {told - MostNamed} more listeners listed above.");
        }

        foreach (var change in Raise(context, bursty, burst: true).Concat(Raise(context, tight)))
        {
            yield return change;
        }
    }

    /// <summary>
    /// Returns how to give listeners a backlog that fits any burst, including the kernel's cap. For listeners that have lost
    /// nothing yet.
    /// </summary>
    /// <param name="context">What is known of the host.</param>
    /// <param name="listeners">The listeners.</param>
    public static IEnumerable<Change> Raise(AdvisorContext context, IReadOnlyList<ListenerSample> listeners) =>
        Raise(context, [.. listeners.Select(listener => (listener, Math.Max(Ample, ListenerConditions.PowerOfTwoFrom(2 * LimitOfOne(listener)))))], burst: false);

    /// <summary>Returns the limit of one socket in a group.</summary>
    public static long LimitOfOne(in ListenerSample listener) => listener.QueueLimit / Math.Max(1, listener.Sockets);

    /// <summary>
    /// For a queue that is full nearly all the time. The time that clients would wait shows why a longer queue does not help.
    /// </summary>
    private static Change Capacity(AdvisorContext context, in ListenerSample listener, double share)
    {
        var full = $"{Words.Name(listener.Identity)}: its queue is full {Words.Percent(share)} of the time, so this is capacity, not a burst";
        if (AcceptRate(context, listener) is not { } accepted)
        {
            return Change.Do($"{full}. Make it accept faster: more workers, or less work per request. A longer backlog only makes clients wait longer.");
        }

        if (accepted.PerSecond < 0.1)
        {
            return Change.Do($"{full}: it accepts nothing. Find out why (a hung or busy process, no descriptors left) and restart it. No backlog helps.");
        }

        var wait = Ample / accepted.PerSecond;
        var host = accepted.IsAll ? $"{context.Place} accepts {Words.Rate(accepted.PerSecond)} connections a second in total" : $"it accepts {Words.Rate(accepted.PerSecond)} connections a second";
        return Change.Do(
            $"{full}: {host}. Add workers, or do less work per request. With a backlog of {Words.Count(Ample)} the last client in the queue would wait {(accepted.IsAll ? "at least " : "")}{Words.Count((long)Math.Ceiling(wait))} s");
    }

    /// <summary>
    /// Returns how many connections per second leave the queue of a listener. No counter shows this, but it is at most the
    /// number opened on the whole host, and exactly that number if no other listener accepts any.
    /// </summary>
    private static (double PerSecond, bool IsAll)? AcceptRate(AdvisorContext context, in ListenerSample listener)
    {
        if (context.Lately.Tcp("PassiveOpens") is not { } opened)
        {
            return null;
        }

        // a listener with a full queue takes a new connection only when one leaves
        var others = false;
        foreach (ref readonly var other in context.Has(SourceId.Sweep) ? context.Now.Sweep.Listeners.Span : [])
        {
            others |= !ReferenceEquals(other.Identity, listener.Identity) && other.Connections.Total > 0;
        }

        return (context.Lately.PerSecond(opened), others || !context.Has(SourceId.Sweep));
    }

    /// <summary>
    /// Returns a backlog for the largest burst seen: everything that waited plus everything that was lost. Null if no burst
    /// is known that did not fit.
    /// </summary>
    private static long? Wanted(AdvisorContext context, in ListenerSample listener)
    {
        var lost = (long)context.Bursts.Largest(listener.Identity);
        return lost == 0 ? null : LimitOfOne(listener) + 1 + ((lost + listener.Sockets - 1) / Math.Max(1, listener.Sockets));
    }

    private static IEnumerable<Change> Raise(AdvisorContext context, List<(ListenerSample Listener, long Wanted)> listeners, bool burst)
    {
        if (listeners.Count == 0)
        {
            yield break;
        }

        var somaxconn = context.Number(Sysctl.Somaxconn);
        var most = Math.Min(ushort.MaxValue, listeners.Max(entry => burst ? ListenerConditions.PowerOfTwoFrom(entry.Wanted) : entry.Wanted));
        var isCapped = somaxconn is { } cap && cap < most && (burst || listeners.Any(entry => LimitOfOne(entry.Listener) >= cap));
        if (isCapped)
        {
            yield return Change.Set(
                context, Sysctl.Somaxconn, $"{most}", $"the upper limit of every backlog, now {Words.Count(somaxconn!.Value)}. Takes effect at the next listen(2)");
        }

        // one line per application; if owners are unknown, one per listener
        var applications = listeners
            .Select(entry => (entry.Listener, entry.Wanted, Backlog: Math.Min(isCapped || somaxconn is null ? ushort.MaxValue : somaxconn.Value, Math.Min(ushort.MaxValue, burst ? ListenerConditions.PowerOfTwoFrom(entry.Wanted) : entry.Wanted))))
            .Where(entry => LimitOfOne(entry.Listener) < entry.Backlog && Applications.CanChangeBacklog(entry.Listener.Identity.Unit))
            .DistinctBy(entry => entry.Listener.Identity.Unit.Length > 0 ? entry.Listener.Identity.Unit : Words.Endpoint(entry.Listener.Identity), StringComparer.Ordinal)
            .ToArray();
        foreach (var (listener, wanted, backlog) in applications.Take(MostNamed))
        {
            var unit = listener.Identity.Unit;
            var why = burst ? $"; the largest burst seen needed {Words.Count(wanted)}" : "";
            yield return Change.Do($"{Words.Name(listener.Identity)}: listen with a backlog of {backlog} instead of {LimitOfOne(listener)}{why} ({Applications.BacklogSetting(unit)}), {Applications.BacklogEffect(unit)}");
        }

        if (applications.Length > MostNamed)
        {
            yield return Change.Do($"The same for {applications.Length - MostNamed} more listeners listed above.");
        }

        if (applications.Length > 0 && somaxconn is null)
        {
            yield return Change.Do($"If the application already asks for more: {LimitOfNamespace}");
        }
    }
}
