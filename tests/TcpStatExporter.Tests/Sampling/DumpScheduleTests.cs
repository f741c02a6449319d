using System.Diagnostics.CodeAnalysis;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>The source of the sockets, second by second, on a host where a count of them costs what the test says.</summary>
public sealed class DumpScheduleTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedTransport _kernel = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly TcpSnapshot _netstat = new();
    private readonly TimeWaitCheck _timeWait = new(new RecordingLogger<Sampler>());
    private TimeSpan _cpu;
    private TimeSpan _cost = TimeSpan.FromMilliseconds(50);
    private TimeSpan _probeCost;
    private int _closeWait;
    private ulong _delayedAcks;
    private uint _dumps;
    private bool _fails;
    private SockDiagSocketSource? _source;

    public DumpScheduleTests()
    {
        _timeWait.Compare(before: 0, counted: 0, after: 0);
        _netstat.Netstat.SetNames(["DelayedACKs"]);
        _snapshot[SourceId.Snmp] = _snapshot[SourceId.Sockstat] = ReadResult.Ok;
        _snapshot.Snmp.SetNames(["CurrEstab"]);
        Set(established: 300_000, timeWait: 1000, others: 0);
    }

    public void Dispose()
    {
        _source?.Dispose();
        _kernel.Dispose();
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(9.9)]
    public void Counts_in_each_tick_if_the_budget_allows(double milliseconds)
    {
        _cost = TimeSpan.FromMilliseconds(milliseconds);
        for (var second = 0; second < 100; second++)
        {
            Tick().ShouldBeTrue($"second {second}");
        }
    }

    [Theory]
    [InlineData(50, 5)]
    [InlineData(20, 2)]
    [InlineData(200, 20)]
    public void Otherwise_counts_when_enough_budget_has_accumulated(int milliseconds, int every)
    {
        _cost = TimeSpan.FromMilliseconds(milliseconds);
        ((double)Count(1000)).ShouldBe(1000.0 / every, 2);
    }

    [Fact]
    public void The_first_count_and_the_attempts_before_it_are_free()
    {
        _cost = TimeSpan.FromSeconds(2);
        _fails = true;
        Tick().ShouldBeTrue();
        Tick().ShouldBeTrue();
        _fails = false;
        Tick().ShouldBeTrue();
        _cost = TimeSpan.FromMilliseconds(5);
        Count(20).ShouldBeInRange(12, 14, "saved up for by the cost of the first one, ten seconds at most, and at each tick from then on");
    }

    [Fact]
    public void Between_two_counts_values_from_procfs_are_used()
    {
        _closeWait = 5;
        Tick().ShouldBeTrue();
        _snapshot.States[TcpState.Established].ShouldBe(299_995);
        _snapshot.AreStatesOld.ShouldBeFalse();
        Set(established: 300_007, timeWait: 990, others: 0);
        Tick().ShouldBeFalse();
        _snapshot.AreStatesOld.ShouldBeTrue();
        _snapshot.States[TcpState.CloseWait].ShouldBe(5);
        _snapshot.States[TcpState.Established].ShouldBe(300_002);
        _snapshot.States[TcpState.TimeWait].ShouldBe(990);
    }

    [Fact]
    public void A_host_wide_tw_is_not_used()
    {
        Tick().ShouldBeTrue();
        var known = _snapshot.States[TcpState.TimeWait];
        _timeWait.Compare(before: 5000, counted: 1000, after: 5000);
        Set(established: 300_000, timeWait: 1050, others: 0);
        Tick().ShouldBeFalse();
        _snapshot.States[TcpState.TimeWait].ShouldBe(known);
    }

    [Theory]
    [InlineData(300_000, 1000, 64, true)]
    [InlineData(300_000, 1000, 63, false)]
    [InlineData(300_000, 1314, 0, true)]
    [InlineData(300_000, 1313, 0, false)]
    [InlineData(300_000, 686, 0, true)]
    [InlineData(375_064, 1000, 0, true)]
    [InlineData(375_063, 1000, 0, false)]
    [InlineData(200_000, 1000, 0, true)]
    public void Counts_at_once_if_a_total_jumps(int established, int timeWait, int others, bool isAtOnce)
    {
        Tick().ShouldBeTrue();
        Tick().ShouldBeFalse();
        Set(established, timeWait, others);
        Tick().ShouldBe(isAtOnce);
    }

    [Fact]
    public void Counts_at_once_if_a_counter_jumps()
    {
        Tick().ShouldBeTrue();
        Tick().ShouldBeFalse();
        _delayedAcks += 100;
        _closeWait = 100;
        Tick().ShouldBeTrue();
        _snapshot.States[TcpState.CloseWait].ShouldBe(100);
        Tick().ShouldBeFalse();
    }

    [Fact]
    public void Counts_at_once_if_a_sample_of_the_table_shows_a_change()
    {
        using var probed = new ScriptedTransport();
        Tick(probed).ShouldBeTrue();
        for (var i = 0; i < 14; i++)
        {
            probed.Datagram(Recorded.Socket(TcpState.Established, sequence: 1));
        }

        Tick().ShouldBeFalse();
        for (var i = 0; i < 14; i++)
        {
            probed.Datagram(Recorded.Socket(i < 3 ? TcpState.SynRecv : TcpState.Established, sequence: 1));
        }

        Tick().ShouldBeTrue();
    }

    [Fact]
    public void Endless_jumps_take_no_more_than_the_budget()
    {
        const int Seconds = 5000;
        var used = TimeSpan.Zero;
        for (var second = 0; second < Seconds; second++)
        {
            Set(established: 300_000, timeWait: 1000 + (second % 2 * 10_000), others: 0);
            used += Tick() ? _cost : TimeSpan.Zero;
        }

        (used.TotalMilliseconds / Seconds).ShouldBeInRange(9.5, 10.3);
    }

    /// <summary>For a host whose pods have nearly all connections, the kernel walks over theirs to find a few of the host.</summary>
    [Theory]
    [InlineData(10, 160)]
    [InlineData(24, 160)]
    [InlineData(50, 183)]
    public void Samples_of_the_table_that_are_expensive_leave_the_budget_to_counts(int milliseconds, int counts)
    {
        _probeCost = TimeSpan.FromMilliseconds(milliseconds);
        Count(1000).ShouldBeInRange(counts - 8, counts + 8);
    }

    [Fact]
    public void A_failed_count_is_retried_and_not_replaced()
    {
        Tick().ShouldBeTrue();
        Tick().ShouldBeFalse();
        _fails = true;
        Set(established: 1000, timeWait: 1000, others: 0);
        Tick().ShouldBeTrue();
        _snapshot[SourceId.Sockets].Status.ShouldBe(SourceStatus.Failed);
        Tick().ShouldBeTrue();
        _fails = false;
        Tick().ShouldBeTrue();
        _snapshot[SourceId.Sockets].ShouldBe(ReadResult.Ok);
    }

    /// <summary>Ticks for so many seconds.</summary>
    /// <returns>How often it counted.</returns>
    private int Count(int seconds)
    {
        var counts = 0;
        for (var second = 0; second < seconds; second++)
        {
            counts += Tick() ? 1 : 0;
        }

        return counts;
    }

    /// <summary>One tick, a second after the last one.</summary>
    /// <returns>True if it counted.</returns>
    private bool Tick(ScriptedTransport? probed = null)
    {
        _source ??= new SockDiagSocketSource(NetNamespace.OfProcfs("/proc", Open), _timeWait, CancellationToken.None, new DumpSchedule(
            new CpuBudget(1),
            new CounterJumps(new FakeSource(SourceId.Netstat, Netstat)),
            new StateProbe(NetNamespace.OfProcfs("/proc", probed is null ? Refuse : OpenProbe), CancellationToken.None),
            _time,
            () => _cpu));
        _time.Advance(TimeSpan.FromSeconds(1));
        var before = _kernel.Requests.Count;
        _snapshot[SourceId.Sockets] = _source.Read(_snapshot);
        return _kernel.Requests.Count > before;

        bool OpenProbe([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
        {
            (socket, result, errno) = (new NetlinkSocket(probed, probed), ReadResult.Ok, 0);
            return true;
        }
    }

    private void Set(int established, int timeWait, int others)
    {
        _snapshot.Snmp.Values[0] = (ulong)established;
        _snapshot.Sockstat = new SockstatCounts { TcpInUse = 1 + established + others, TcpTimeWait = timeWait };
    }

    private ReadResult Netstat(TcpSnapshot snapshot)
    {
        snapshot.Netstat.SetNames(["DelayedACKs"]);
        snapshot.Netstat.Values[0] = _delayedAcks;
        return ReadResult.Ok;
    }

    private bool Open([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        (socket, result, errno) = (new NetlinkSocket(new CostlyKernel(this), _kernel), ReadResult.Ok, 0);
        return true;
    }

    private bool Refuse([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        _cpu += _probeCost;
        (socket, result, errno) = (null, ReadResult.Failed(SourceError.PermissionDenied), Errno.EACCES);
        return false;
    }

    /// <summary>Answers each request at the cost that the test says: one listener, and the connections in CLOSE_WAIT.</summary>
    private sealed class CostlyKernel(DumpScheduleTests test) : INetlinkTransport
    {
        public uint PortId => test._kernel.PortId;

        public int Send(ReadOnlySpan<byte> message)
        {
            test._cpu += test._cost;
            test._dumps = BitConverter.ToUInt32(message[8..]);
            if (test._fails)
            {
                test._kernel.Requests.Add(test._dumps);
                return Errno.EPERM;
            }

            var rows = Enumerable.Repeat(Recorded.Socket(TcpState.CloseWait, sequence: test._dumps), test._closeWait);
            test._kernel.Datagram([Recorded.Socket(TcpState.Listen, sequence: test._dumps), .. rows, Recorded.Done(sequence: test._dumps)]);
            return test._kernel.Send(message);
        }

        public int Receive(Span<byte> buffer, out int length, out uint sender) => test._kernel.Receive(buffer, out length, out sender);

        public void Wait(TimeSpan timeout) => test._kernel.Wait(timeout);

        public void Dispose()
        {
        }
    }
}
