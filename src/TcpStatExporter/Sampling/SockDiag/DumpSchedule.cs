using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Decides when a dump counts the sockets of one network namespace: in each tick if the budget allows. Otherwise when enough
/// budget has accumulated, and at once if something cheap shows that the states have changed. That is one of
/// <list type="bullet">
/// <item>a total that procfs reports exactly: CurrEstab, tw, and the full sockets in use that are in neither ESTABLISHED nor
/// CLOSE_WAIT (inuse minus CurrEstab);</item>
/// <item>a counter that increases with a state that no total shows (<see cref="CounterJumps"/>);</item>
/// <item>a random sample of the table (<see cref="StateProbe"/>).</item>
/// </list>
/// </summary>
/// <param name="budget">CPU budget for dumps.</param>
/// <param name="counters">The counters. Owned by this object.</param>
/// <param name="probe">The random sample. Owned by this object.</param>
/// <param name="time">The clock.</param>
/// <param name="cpu">Returns the CPU time used by the calling thread.</param>
internal sealed class DumpSchedule(CpuBudget budget, CounterJumps counters, StateProbe probe, TimeProvider time, Func<TimeSpan> cpu) : IDisposable
{
    /// <summary>A smaller change of a total is ignored, whatever the total is.</summary>
    private const long LeastJump = 64;

    /// <summary>So is a change of less than one in this many of the old value.</summary>
    private const long RelativeJump = 4;

    /// <summary>
    /// The share of the budget for random samples. The kernel's table is that of all network namespaces: if most connections in
    /// it belong to pods, the kernel walks over all of them before it has found enough of this namespace.
    /// </summary>
    private const double ShareOfProbes = 0.2;

    /// <summary>A sample that costs about as much as a dump is no use. This long after one, the next one tells whether that is still so.</summary>
    private static readonly TimeSpan UselessPause = TimeSpan.FromMinutes(1);

    private const string EstablishedCounter = "CurrEstab";

    private Sums _counted;
    private TimeSpan _cost;
    private TimeSpan _start;
    private TimeSpan? _nextProbe;
    private bool _isFirst = true;

    /// <summary>Returns CurrEstab from a snapshot, or null if unknown.</summary>
    /// <param name="snapshot">The snapshot.</param>
    public static long? CurrEstab(TcpSnapshot snapshot)
    {
        var index = snapshot[SourceId.Snmp].IsOk ? snapshot.Snmp.IndexOf(EstablishedCounter) : -1;
        return index < 0 ? null : (long)snapshot.Snmp.Values[index];
    }

    /// <summary>Returns true if the sockets should be counted now. Call it in each tick.</summary>
    /// <param name="snapshot">The counters of this tick, and the states from the last count.</param>
    /// <param name="mustCount">The last count failed, so there is nothing to show until one succeeds.</param>
    public bool IsDue(TcpSnapshot snapshot, bool mustCount)
    {
        _start = cpu();
        var now = time.GetElapsedTime(0);
        budget.Accrue(now);
        if (mustCount || budget.CanPay(_cost))
        {
            return true;
        }

        // always called, because it has to know what is usual
        var jumped = counters.Jumped(now) | HaveSumsJumped(snapshot);
        jumped = jumped || (!(now < _nextProbe) && Probe(snapshot, now));
        if (jumped && budget.CanBorrow(_cost))
        {
            return true;
        }

        budget.Spend(cpu() - _start);
        return false;
    }

    /// <summary>Records a count.</summary>
    /// <param name="snapshot">The counters at the time of the count.</param>
    /// <param name="succeeded">True if it succeeded.</param>
    public void Counted(TcpSnapshot snapshot, bool succeeded)
    {
        _counted = SumsOf(snapshot);
        _cost = cpu() - _start;

        // until one has succeeded, nothing can replace it
        budget.Spend(_isFirst ? TimeSpan.Zero : _cost);
        _isFirst &= !succeeded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        counters.Dispose();
        probe.Dispose();
    }

    private bool Probe(TcpSnapshot snapshot, TimeSpan now)
    {
        var start = cpu();
        var seesChange = probe.SeesChange(snapshot.States, budget.Share);
        var cost = cpu() - start;
        _nextProbe = now + (cost * 2 >= _cost ? UselessPause : cost / (budget.Share * ShareOfProbes));
        return seesChange;
    }

    private static Sums SumsOf(TcpSnapshot snapshot)
    {
        if (CurrEstab(snapshot) is not { } established || !snapshot[SourceId.Sockstat].IsOk)
        {
            return default;
        }

        ref readonly var sockstat = ref snapshot.Sockstat;
        var inUse = sockstat.TcpInUse + (sockstat.HasTcp6 ? sockstat.Tcp6InUse : 0);
        return new Sums(IsKnown: true, established, sockstat.TcpTimeWait, inUse - established);
    }

    private static bool IsJump(long before, long now) => Math.Abs(now - before) >= LeastJump + (Math.Abs(before) / RelativeJump);

    private bool HaveSumsJumped(TcpSnapshot snapshot)
    {
        var now = SumsOf(snapshot);
        return now.IsKnown && _counted.IsKnown
            && (IsJump(_counted.Established, now.Established) || IsJump(_counted.TimeWait, now.TimeWait) || IsJump(_counted.Others, now.Others));
    }

    private readonly record struct Sums(bool IsKnown, long Established, long TimeWait, long Others);
}
