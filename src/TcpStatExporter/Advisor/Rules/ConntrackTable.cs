using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor.Rules;

/// <summary>The connection tracking table is full or nearly full. No TCP counter shows the packets that it drops.</summary>
/// <param name="isFull">It already drops packets.</param>
internal sealed class ConntrackTable(bool isFull) : IRule
{
    private const double NearLimit = 0.85;

    /// <summary>Above this, drops mean that the table is full. Below, they mean that entries clashed.</summary>
    private const double Full = 0.95;

    /// <summary>An entry (struct nf_conn and its extensions, in slabs) and its share of the hash table.</summary>
    private const long EntryBytes = 400;

    /// <summary>The share of memory that a full table may take. It cannot be swapped.</summary>
    private const double MemoryShare = 0.05;

    /// <summary>The kernel's default is five days. A day is well above the two hours after which TCP keepalive sends a probe.</summary>
    private const long Day = 86_400;

    /// <inheritdoc/>
    public string Id => isFull ? "conntrack-table-full" : "conntrack-table-near-limit";

    /// <inheritdoc/>
    public Severity Severity => isFull ? Severity.Critical : Severity.Warning;

    /// <inheritdoc/>
    public string Subject => isFull ? "connection tracking drops packets of new connections" : "the connection tracking table is nearly full";

    /// <inheritdoc/>
    public string Runbook => isFull ? "TcpConntrackTableFull" : "TcpConntrackTableNearLimit";

    /// <inheritdoc/>
    public RuleResult Judge(AdvisorContext context)
    {
        if (context.Now.Status(SourceId.Conntrack).Status == SourceStatus.Absent)
        {
            return RuleResult.DoesNotHold;
        }

        if (!context.Has(SourceId.Conntrack) || !context.Now.Kernel.Conntrack.HasEntries || context.Number(Sysctl.NfConntrackMax) is not { } limit)
        {
            return RuleResult.CannotTell("net.netfilter.nf_conntrack_count or nf_conntrack_max could not be read");
        }

        var entries = context.Now.Kernel.Conntrack.Entries;
        var dropped = context.Recent.ConntrackDropped ?? 0;
        var drops = limit > 0 && entries > Full * limit && context.Recent.IsLoss(dropped);
        if (isFull ? !drops : drops || limit <= 0 || entries <= NearLimit * limit)
        {
            return RuleResult.DoesNotHold;
        }

        return new Finding
        {
            Title = isFull
                ? "The connection tracking table is full: packets of new connections are dropped"
                : $"The connection tracking table is {Words.Percent((double)entries / limit)} full",
            Measured = [.. Measured(context, entries, limit)],
            Why = "When the table is at nf_conntrack_max, a new connection replaces an unanswered entry. If it finds none nearby, the kernel drops its first packet. No TCP counter shows this.",
            Changes = [.. Changes(context, limit)],
            Cost = $"Each entry takes up to {EntryBytes} bytes of memory that cannot be swapped. A connection that is idle for longer than the timeout loses its entry. With NAT or a stateful firewall, its next packets are dropped.",
            Folklore = "net.core.somaxconn, backlogs and SYN cookies: the packet is dropped before TCP sees it. TIME_WAIT settings: a closed connection keeps its entry for up to 120 s, whatever its socket does.",
            Runbook = Runbook,
            Losses = isFull ? [new Loss(null, dropped, context.Now.Kernel.Conntrack.Statistics.Dropped)] : [],
        };
    }

    private static IEnumerable<string> Measured(AdvisorContext context, long entries, long limit)
    {
        yield return $"{Words.Count(entries)} entries (net.netfilter.nf_conntrack_count), limit {Words.Count(limit)} (net.netfilter.nf_conntrack_max)";
        if (context.Now.Kernel.Conntrack is { HasStatistics: true, Statistics: var all })
        {
            yield return $"{Words.Count(context.Recent.ConntrackDropped ?? 0)} packets dropped {context.Recent.InTime}; since boot {Words.Count(all.Dropped)}, {Words.Count(all.EarlyDropped)} entries evicted and {Words.Count(all.InsertFailed)} inserts failed";
        }

        if (context.Number(Sysctl.NfConntrackTcpTimeoutEstablished) is { } timeout)
        {
            yield return $"an idle established TCP connection keeps its entry for {Words.Count(timeout)} s (net.netfilter.nf_conntrack_tcp_timeout_established)";
        }
    }

    private static IEnumerable<Change> Changes(AdvisorContext context, long limit)
    {
        var wanted = ListenerConditions.PowerOfTwoFrom(2 * Math.Max(1, limit));
        if (context.MemoryBytes is not { } memory)
        {
            yield return Change.Set(context, Sysctl.NfConntrackMax, $"{wanted}", $"twice the limit. A full table takes up to {Words.Mebibytes((double)wanted * EntryBytes)}. If net.netfilter.nf_conntrack_buckets is less than a quarter of it, raise that too");
        }
        else if (wanted * EntryBytes <= MemoryShare * memory)
        {
            yield return Change.Set(context, Sysctl.NfConntrackMax, $"{wanted}", $"twice the limit. A full table takes up to {Words.Mebibytes((double)wanted * EntryBytes)} of this host's {Words.Mebibytes(memory)}. If net.netfilter.nf_conntrack_buckets is less than a quarter of it, raise that too");
        }

        if (context.Number(Sysctl.NfConntrackTcpTimeoutEstablished) is > Day)
        {
            yield return Change.Set(context, Sysctl.NfConntrackTcpTimeoutEstablished, $"{Day}", "a day: dead connections are forgotten sooner. TCP keepalive (every two hours by default) still keeps idle ones");
        }

        yield return Change.Do("See what fills it: conntrack -L -o extended | awk '{print $3, $6}' | sort | uniq -c | sort -rn | head. Do not track what needs no state, such as a busy DNS server or load balancer (NOTRACK in the raw table).");
    }
}
