using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The accept queue of an AF_UNIX listener stays full. The kernel does not count the clients that it turns away.</summary>
internal sealed class UnixQueueFull : IRule
{
    private const int Named = 3;

    /// <summary>A burst that is accepted within a second is none.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(1.5);

    /// <inheritdoc/>
    public string Id => "unix-queue-full";

    /// <inheritdoc/>
    public Severity Severity => Severity.Warning;

    /// <inheritdoc/>
    public string Subject => "the accept queue of an AF_UNIX listener stays full";

    /// <inheritdoc/>
    public string Runbook => "UnixListenQueueFull";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Now.Status(SourceId.Unix).Status is SourceStatus.Absent or SourceStatus.NotRead)
        {
            return RuleResult.DoesNotHold;
        }

        if (!context.Has(SourceId.Unix))
        {
            return RuleResult.CannotTell("AF_UNIX listeners could not be read");
        }

        List<UnixSample>? full = null;
        foreach (ref readonly var listener in context.Now.UnixListeners.Span)
        {
            if (listener.FullSince is { } since && context.Now.SampledAt - since >= Lasting)
            {
                (full ??= []).Add(listener);
            }
        }

        if (full is null)
        {
            return RuleResult.DoesNotHold;
        }

        full.Sort(static (one, other) => other.FillRatio.CompareTo(one.FillRatio));
        return new Finding
        {
            Title = $"The accept queue of {full[0].Identity.Text} is full{Others(full.Count - 1)}",
            Measured = [.. full.Take(Named).Select(listener => Measured(context, listener))],
            Why = "While the queue of an AF_UNIX listener is full, connect(2) fails with EAGAIN if the client does not block (nginx: \"connect() failed (11: Resource temporarily unavailable)\"). Other clients wait. The kernel counts neither.",
            Changes =
            [
                Change.Do("Check whether the application accepts at all: workers that all wait for something, such as a database. For php-fpm, see pm.max_children and the slow log."),
                .. Backlog(context, full),
            ],
            Cost = "With a longer queue, clients wait longer. Some have given up when the application accepts them.",
            Folklore = "net.ipv4.tcp_max_syn_backlog does not apply to AF_UNIX. The status page of php-fpm shows a listen queue of 0 for a Unix socket. net.core.somaxconn alone: an existing queue keeps its limit.",
            Runbook = Runbook,
        };
    }

    private static string Others(int count) => count switch
    {
        0 => "",
        1 => ", and that of another AF_UNIX listener",
        _ => $", and those of {count} other AF_UNIX listeners",
    };

    private static string Measured(AdvisorContext context, in UnixSample listener) =>
        $"{listener.Identity.Text}: queue {Words.Count(listener.QueueLength)}, limit {Words.Count(listener.QueueLimit)}, full for {(context.Now.SampledAt - listener.FullSince!.Value).TotalSeconds:0} s"
        + (listener.Sockets > 1 ? $", {listener.Sockets} sockets" : "")
        + (listener is { Identity.Unit.Length: 0, Uid: { } uid } ? $", made by uid {uid}" : "");

    private static IEnumerable<Change> Backlog(AdvisorContext context, List<UnixSample> full)
    {
        if (context.Number(Sysctl.Somaxconn) is not { } cap)
        {
            yield return Change.Do("For bursts, make the backlog larger in the application (php-fpm: listen.backlog) and restart it. net.core.somaxconn is its upper limit.");
            yield break;
        }

        if (full.Exists(listener => listener.QueueLimit >= cap * listener.Sockets))
        {
            yield return Change.Set(context, Sysctl.Somaxconn, $"{ListenerConditions.PowerOfTwoFrom(Math.Max(4096, 2 * cap))}", "the upper limit of every backlog, which the application has reached");
        }

        yield return Change.Do($"For bursts, make the backlog larger in the application (php-fpm: listen.backlog) and restart it. The upper limit is net.core.somaxconn, now {Words.Count(cap)}.");
    }
}
