using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// When the sockets of one network namespace are counted by a dump: at each tick where the budget allows; otherwise
/// once it is saved up for, and at once where something cheap says that the states have changed. That is one of
/// <list type="bullet">
/// <item>a sum that procfs tells exactly: CurrEstab, tw, and the full sockets in use that are in neither ESTABLISHED nor
/// CLOSE_WAIT (inuse less CurrEstab);</item>
/// <item>a counter that moves with a state that no sum shows (<see cref="CounterJumps"/>);</item>
/// <item>a random sample of the table (<see cref="StateProbe"/>).</item>
/// </list>
/// </summary>
/// <param name="budget">What dumps may cost.</param>
/// <param name="counters">The counters; owned.</param>
/// <param name="probe">The random sample; owned.</param>
/// <param name="time">The clock.</param>
/// <param name="cpu">CPU time that the calling thread has used.</param>
internal sealed class DumpSchedule(CpuBudget budget, CounterJumps counters, StateProbe probe, TimeProvider time, Func<TimeSpan> cpu) : IDisposable
{
    /// <summary>A sum that moves by fewer is no news, whatever it is.</summary>
    private const long LeastJump = 64;

    /// <summary>Nor is one that moves by less than one in so many of what it was.</summary>
    private const long RelativeJump = 4;

    private const string EstablishedCounter = "CurrEstab";

    private Sums _counted;
    private TimeSpan _cost;
    private TimeSpan _start;
    private bool _isFirst = true;

    /// <summary>CurrEstab of a snapshot; null where it is not known.</summary>
    /// <param name="snapshot">The snapshot.</param>
    public static long? CurrEstab(TcpSnapshot snapshot)
    {
        var index = snapshot[SourceId.Snmp].IsOk ? snapshot.Snmp.IndexOf(EstablishedCounter) : -1;
        return index < 0 ? null : (long)snapshot.Snmp.Values[index];
    }

    /// <summary>Whether to count now. To be asked at each tick.</summary>
    /// <param name="snapshot">The counters of this tick, and the states as they were counted last.</param>
    /// <param name="mustCount">The last count did not succeed: there is nothing to show until one does.</param>
    public bool IsDue(TcpSnapshot snapshot, bool mustCount)
    {
        _start = cpu();
        budget.Accrue(time.GetElapsedTime(0));
        if (mustCount || budget.CanPay(_cost))
        {
            return true;
        }

        // asked in any case: it has to know what is usual
        var jumped = counters.Jumped(time.GetElapsedTime(0)) | HaveSumsJumped(snapshot);
        jumped = jumped || probe.SeesChange(snapshot.States, budget.Share);
        if (jumped && budget.CanBorrow(_cost))
        {
            return true;
        }

        budget.Spend(cpu() - _start);
        return false;
    }

    /// <summary>Takes note of a count.</summary>
    /// <param name="snapshot">The counters that it was made with.</param>
    /// <param name="succeeded">It did not fail.</param>
    public void Counted(TcpSnapshot snapshot, bool succeeded)
    {
        _counted = SumsOf(snapshot);
        _cost = cpu() - _start;

        // until one has succeeded there is nothing that could stand in for it
        budget.Spend(_isFirst ? TimeSpan.Zero : _cost);
        _isFirst &= !succeeded;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        counters.Dispose();
        probe.Dispose();
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
