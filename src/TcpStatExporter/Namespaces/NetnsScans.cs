using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Scans all sockets of each network namespace, one after the other, as the CPU budget allows: the kernel walks over the
/// sockets of the whole host for each of them (unless the namespace has a table of its own, net.ipv4.tcp_child_ehash_entries).
/// Those that were in trouble come more often, those without series and with hardly a connection never. Only the watching thread
/// uses this.
/// </summary>
/// <param name="budget">CPU budget for scans.</param>
/// <param name="reader">Reads counters.</param>
/// <param name="interval">Time between two scans of any other name.</param>
/// <param name="time">The clock.</param>
/// <param name="cpuTime">Returns the CPU time of the calling thread.</param>
/// <param name="logger">Logs once if the budget is too small for the scans.</param>
internal sealed partial class NetnsScans(CpuBudget budget, NetnsReader reader, TimeSpan interval, TimeProvider time, Func<TimeSpan> cpuTime, ILogger logger)
{
    /// <summary>Time between two scans of a name that was in trouble or may be, or whose accept queues are in use.</summary>
    private static readonly TimeSpan ShortInterval = TimeSpan.FromSeconds(1);

    /// <summary>A scan that is later than this because others go first is worth a line in the log.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    /// <summary>A scan is due slightly before its interval is over, because ticks are not exactly a second apart.</summary>
    private const double Due = 0.9;

    private readonly SocketTally _tally = new(hasLimit: true);
    private readonly Func<TimeSpan> _clock = () => time.GetElapsedTime(0);
    private bool _isUrgent;
    private bool _toldLate;

    /// <summary>Lets the next call scan all names, in advance of the budget.</summary>
    public void Hurry() => _isUrgent = true;

    /// <summary>
    /// Does the scans that are due and within the budget. The first one of a name that has just got series does not wait: what
    /// judges it compares with its first sample.
    /// </summary>
    /// <param name="accounts">The names, after their listeners were read.</param>
    /// <param name="now">Monotonic time.</param>
    public void Run(Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now)
    {
        while (Next(accounts, now) is { } account
            && (budget.CanPay(account.Scan.Cost) || ((_isUrgent || account is { Watched: not null, Scan.TriedAt: null }) && budget.CanBorrow(account.Scan.Cost))))
        {
            if (account.ActiveWaits(now) is null)
            {
                ScanNow(account, now);
                continue;
            }

            // paid for now, and done when the queues are examined, at a random time before the next tick
            account.Scan.TriedAt = now;
            account.Scan.Paid = (account.Scan.Paid ?? TimeSpan.Zero) + account.Scan.Cost;
            budget.Spend(account.Scan.Cost);
        }

        _isUrgent = false;
    }

    /// <summary>
    /// Examines the accept queues that are in use. Should run at times that are independent of the other reads: otherwise a
    /// server that pauses once a second would always be seen in its pause, or never.
    /// </summary>
    /// <param name="accounts">The names.</param>
    /// <param name="now">Monotonic time.</param>
    public void LookAtQueues(Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now)
    {
        foreach (var account in accounts)
        {
            if (account.ActiveWaits(now) is { } waits && account.Members.TrueForAll(static found => found.Sockets is not null))
            {
                var start = cpuTime();
                var isPaid = account.Scan.Paid is not null;
                var isRead = waits.Look(account.Examined(), now, isCounted: isPaid);
                budget.Spend(cpuTime() - start);
                if (isPaid && isRead)
                {
                    ScanNow(account, now);
                }
            }
        }
    }

    private void ScanNow(NetnsAccount account, TimeSpan now)
    {
        var start = cpuTime();
        if (!_toldLate && account.Scan.TriedAt is { } before && now - before > interval + Late)
        {
            _toldLate = true;
            LogLate(logger, (int)(now - before).TotalSeconds, account.Identity.Name);
        }

        account.Scan.TriedAt = now;
        Scan(account, now);
        account.Scan.Cost = cpuTime() - start;
        budget.Spend(account.Scan.Cost - (account.Scan.Paid ?? TimeSpan.Zero));
        account.Scan.Paid = null;
    }

    /// <summary>Returns the name whose scan is the most overdue. Null if none is due.</summary>
    private NetnsAccount? Next(Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now)
    {
        NetnsAccount? next = null;
        var most = Due;
        foreach (var account in accounts)
        {
            if (account.IsWorthScan)
            {
                var overdue = Overdue(account, now);
                if (overdue > most)
                {
                    (next, most) = (account, overdue);
                }
            }
            else if (account.Scan.CloseWaitHeld is not null)
            {
                account.ForgetScan();
            }
        }

        return next;
    }

    /// <summary>Returns by how many intervals a scan is late. Names that were never scanned do not hold up those in trouble.</summary>
    private double Overdue(NetnsAccount account, TimeSpan now)
    {
        var scan = account.Scan;
        var isUrgent = _isUrgent ? !(scan.TriedAt >= now) : scan.TriedAt is null && account.WasInTrouble;
        if (isUrgent)
        {
            return double.MaxValue;
        }

        var pace = account.WasInTrouble || scan.IsSuspect || account.ActiveWaits(now) is not null ? ShortInterval : interval;
        scan.WantedAt ??= now;
        return scan.TriedAt is { } at ? (now - at) / pace : 1 + ((now - scan.WantedAt.Value) / pace);
    }

    private void Scan(NetnsAccount account, TimeSpan now)
    {
        // of the scan before, it remembers ports with a listener: those of another namespace
        _tally.Reset();
        _tally.Reset();
        var sweep = account.BeginScan(now, out var waits);
        var request = (sweep is null ? InetDiagRequest.Full : InetDiagRequest.Sweep) with { WithMemory = waits is not null };
        foreach (var found in account.Members)
        {
            var visitor = new Visitor(_tally, sweep, waits);
            var result = found.Sockets!.Scan(request, ref visitor);
            if (result.Error == SourceError.NoBuffers)
            {
                // the kernel has no memory for the answer now
                return;
            }

            if (!result.IsOk)
            {
                found.Reopen(now + NetnsListeners.ReopenPause);
                account.MissListeners();
                return;
            }
        }

        account.EndScan(_tally, reader, now);
        waits?.EndScan(_clock);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The sockets of {Name} were last counted {Seconds} s ago: counts of all network namespaces take more CPU time than --sample.cpu-budget allows, because the kernel walks over the sockets of the whole host for each. Namespaces that are created after net.ipv4.tcp_child_ehash_entries is set on the host (Linux 6.1) have tables of their own, and cost far less.")]
    private static partial void LogLate(ILogger logger, int seconds, string name);

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Visitor(SocketTally tally, SweepTally? sweep, NetnsWaits? waits) : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket)
        {
            tally.Add(in socket);
            sweep?.Add(in socket);
            waits?.Add(in socket);
            return true;
        }
    }
}
