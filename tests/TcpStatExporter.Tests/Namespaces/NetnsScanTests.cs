using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Namespaces;

/// <summary>When the sockets of a pod are trouble, and when they only look like it.</summary>
public sealed class NetnsScanTests
{
    private readonly SocketTally _tally = new(hasLimit: true);
    private readonly NetnsScan _scan = new();

    [Theory]
    [InlineData(21, 100, 0, true)]
    [InlineData(20, 100, 0, false)]
    [InlineData(50, 1000, 0, false)]
    [InlineData(51, 1000, 0, true)]
    [InlineData(51, 1000, 103, false)]
    [InlineData(51, 1000, 101, true)]
    public void Connections_that_a_process_does_not_close_are_trouble_once_they_last(int held, int open, double openedPerSecond, bool isLeak)
    {
        Add(held, TcpState.CloseWait, inode: 7);
        Add(open - held, TcpState.Established, inode: 7);
        for (var second = 0; second < 10; second++)
        {
            _scan.Take(_tally, openedPerSecond, TimeSpan.FromSeconds(second));
            _scan.IsSuspect.ShouldBe(isLeak);
            _scan.IsTrouble.ShouldBeFalse();
        }

        _scan.Take(_tally, openedPerSecond, TimeSpan.FromSeconds(10));
        _scan.IsTrouble.ShouldBe(isLeak);
        _scan.CloseWaitHeld.ShouldBe(held);

        _tally.Reset();
        _scan.Take(_tally, openedPerSecond, TimeSpan.FromSeconds(11));
        (_scan.IsSuspect, _scan.IsTrouble).ShouldBe((false, false));
    }

    /// <summary>How many come and go is known from one pass to the next only.</summary>
    [Theory]
    [InlineData(81, true)]
    [InlineData(83, false)]
    public void Connections_that_come_and_go_are_no_leak_once_their_rate_is_known(double openedPerSecond, bool isLeak)
    {
        Add(41, TcpState.CloseWait, inode: 7);
        Take(0, 10);
        _scan.IsTrouble.ShouldBeTrue();
        _scan.TakeRate(openedPerSecond);
        (_scan.IsSuspect, _scan.IsTrouble).ShouldBe((isLeak, isLeak));
    }

    [Fact]
    public void Connections_that_nobody_has_accepted_are_no_leak()
    {
        Add(100, TcpState.CloseWait, inode: 0);
        Take(0, 20);
        (_scan.IsSuspect, _scan.CloseWaitHeld).ShouldBe((false, 0));
    }

    [Theory]
    [InlineData(3, 0, true)]
    [InlineData(2, 0, false)]
    [InlineData(3, 4, false)]
    [InlineData(3, 3, true)]
    public void Connects_are_trouble_once_most_had_to_repeat_their_SYN(int repeated, int fresh, bool isTrouble)
    {
        Add(repeated, TcpState.SynSent, inode: 7, retransmits: 1);
        Add(fresh, TcpState.SynSent, inode: 7);
        Take(0, 2);
        (_scan.IsSuspect, _scan.IsTrouble).ShouldBe((isTrouble, false));
        Take(3);
        _scan.IsTrouble.ShouldBe(isTrouble);
    }

    [Theory]
    [InlineData(80, 100, false)]
    [InlineData(81, 100, true)]
    [InlineData(100, -1, false)]
    public void A_destination_that_uses_most_ports_is_trouble_at_once(int held, int limit, bool isTrouble)
    {
        var sweep = new SweepSample { PortsLimit = limit, Scarcest = new DestinationPorts(default, held, TimeWait: 0, held) };
        _scan.TakePorts(sweep);
        _scan.IsTrouble.ShouldBe(isTrouble);

        _scan.TakePorts(null);
        _scan.IsTrouble.ShouldBeFalse();

        _scan.TakePorts(sweep);
        _scan.Clear();
        _scan.IsTrouble.ShouldBeFalse();
    }

    [Fact]
    public void A_pod_that_is_gone_is_forgotten()
    {
        Add(100, TcpState.CloseWait, inode: 7);
        Take(0, 20);
        _scan.IsTrouble.ShouldBeTrue();
        _scan.Clear();
        (_scan.IsSuspect, _scan.IsTrouble, _scan.CloseWaitHeld, _scan.TriedAt).ShouldBe((false, false, null, null));
    }

    private void Take(params int[] seconds) => Array.ForEach(seconds, second => _scan.Take(_tally, openedPerSecond: 0, TimeSpan.FromSeconds(second)));

    private void Add(int count, TcpState state, uint inode, byte retransmits = 0)
    {
        for (var i = 0; i < count; i++)
        {
            _tally.Add(new TcpSocket { State = state, LocalPort = (ushort)(40_000 + i), RemotePort = 443, Inode = inode, Retransmits = retransmits });
        }
    }
}
