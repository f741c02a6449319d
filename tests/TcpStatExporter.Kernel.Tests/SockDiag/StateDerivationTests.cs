using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using Xunit;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

public class StateDerivationTests
{
    private readonly SocketTally _tally = new(hasLimit: true);

    public StateDerivationTests()
    {
        Add(TcpState.Listen, 10);
        Add(TcpState.CloseWait, 20);
        Add(TcpState.FinWait2, 5);
        Add(TcpState.FinWait2, 7, timer: TcpSocket.MinisocketTimer);
        Add(TcpState.NewSynRecv, 30);
        Add(TcpState.SynRecv, 1);
    }

    [Fact]
    public void Established_and_time_wait_follow_from_the_rest()
    {
        var derived = Derive(currEstab: 120, inUse: 136, timeWait: 50);
        (derived.States[TcpState.Established], derived.States[TcpState.TimeWait]).ShouldBe((100, 43));
        (derived.States[TcpState.SynRecv], derived.States[TcpState.FinWait2], derived.States[TcpState.Listen]).ShouldBe((31, 12, 10));
        (derived.Disagreement, derived.Holds).ShouldBe((0, true));
    }

    [Fact]
    public void Rows_that_were_not_requested_change_nothing()
    {
        Add(TcpState.Established, 3);
        Add(TcpState.TimeWait, 4);
        Add(TcpState.Close, 2);
        var derived = Derive(currEstab: 120, inUse: 136, timeWait: 50);
        (derived.States[TcpState.Established], derived.States[TcpState.TimeWait], derived.Disagreement).ShouldBe((100, 43, 0));
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(-32, true)]
    [InlineData(-33, false)]
    public void The_check_fails_beyond_its_tolerance(int off, bool holds)
    {
        var derived = Derive(currEstab: 120, inUse: 136 - off, timeWait: 50);
        (derived.Disagreement, derived.Holds).ShouldBe((off, holds));
    }

    [Theory]
    [InlineData(32 + 1000, true)]
    [InlineData(32 + 1001, false)]
    public void The_tolerance_grows_with_the_host(int off, bool holds) =>
        Derive(currEstab: 128_020, inUse: 128_036 - off, timeWait: 50).Holds.ShouldBe(holds);

    [Fact]
    public void Nothing_is_negative()
    {
        var derived = Derive(currEstab: 0, inUse: 0, timeWait: 0);
        (derived.States[TcpState.Established], derived.States[TcpState.TimeWait]).ShouldBe((0, 0));
        Derive(currEstab: 120, inUse: 136, timeWait: 0).Disagreement.ShouldBe(7, "minisockets that sockstat does not know");
        Derive(currEstab: 120, inUse: 137, timeWait: 0).Disagreement.ShouldBe(-8);
    }

    [Fact]
    public void A_host_without_ipv6_is_counted_by_ipv4_only()
    {
        var sockstat = new SockstatCounts { TcpInUse = 136, TcpTimeWait = 50, Tcp6InUse = 99, HasTcp6 = false };
        StateDerivation.Derive(_tally, 120, in sockstat).Disagreement.ShouldBe(0);
    }

    private DerivedStates Derive(long currEstab, long inUse, long timeWait)
    {
        var sockstat = new SockstatCounts { TcpInUse = inUse - 6, Tcp6InUse = 6, HasTcp6 = true, TcpTimeWait = timeWait };
        return StateDerivation.Derive(_tally, currEstab, in sockstat);
    }

    private void Add(TcpState state, int count, byte timer = 0)
    {
        for (var i = 0; i < count; i++)
        {
            _tally.Add(new TcpSocket { State = state, Timer = timer, Inode = 1 });
        }
    }
}
