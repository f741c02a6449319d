using System.Diagnostics.CodeAnalysis;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling.SockDiag;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class StateProbeTests : IDisposable
{
    private readonly ScriptedTransport _kernel = new();
    private readonly NetNamespace _net;
    private int _opened;

    public StateProbeTests() => _net = NetNamespace.OfProcfs("/proc", Open);

    public void Dispose() => _kernel.Dispose();

    [Theory]
    [InlineData(0, 2, false)]
    [InlineData(0, 3, true)]
    [InlineData(3000, 10, false)] // 1 % of 1,000: 10 are expected
    [InlineData(3000, 26, false)]
    [InlineData(3000, 27, true)]
    [InlineData(150_000, 500, false)]
    [InlineData(150_000, 600, false)]
    [InlineData(150_000, 900, true)]
    [InlineData(150_000, 0, true)] // they went
    [InlineData(3000, 0, false)]
    public void Distinguishes_chance_from_change(int counted, int seen, bool differs)
    {
        var population = default(TcpStateCounts);
        population[TcpState.Established] = 300_000 - counted;
        population[TcpState.CloseWait] = counted;
        population[TcpState.Listen] = 100_000;
        var sample = default(TcpStateCounts);
        sample[TcpState.Established] = 1000 - seen;
        sample[TcpState.CloseWait] = seen;
        StateProbe.Differ(sample, population).ShouldBe(differs);
    }

    [Fact]
    public void An_empty_population_differs_only_if_the_sample_has_connections()
    {
        StateProbe.Differ(default, default).ShouldBeFalse();
        var sample = default(TcpStateCounts);
        sample[TcpState.SynRecv] = 3;
        StateProbe.Differ(sample, default).ShouldBeTrue();
    }

    [Fact]
    public void Continues_where_it_stopped_as_far_as_the_budget_allows()
    {
        for (var i = 0; i < 20; i++)
        {
            _kernel.Datagram(Row(TcpState.Established));
        }

        using var probe = new StateProbe(_net, CancellationToken.None);
        probe.SeesChange(default, share: 0.0001).ShouldBeFalse();
        _kernel.Left.ShouldBe(17);
        probe.SeesChange(default, share: 0.01).ShouldBeFalse();
        _kernel.Left.ShouldBe(3);
        _kernel.States.ShouldBe([TcpStateSet.All & ~TcpStateSet.Listen], "one dump");
    }

    [Fact]
    public void Starts_again_at_the_end()
    {
        _kernel.Datagram(Row(TcpState.SynRecv), Row(TcpState.SynRecv), Recorded.Done(sequence: 1))
            .Datagram(Row(TcpState.SynRecv, 2), Row(TcpState.SynRecv, 2), Row(TcpState.SynRecv, 2), Recorded.Done(sequence: 2));
        using var probe = new StateProbe(_net, CancellationToken.None);
        probe.SeesChange(default, share: 0.01).ShouldBeFalse();
        probe.SeesChange(default, share: 0.01).ShouldBeTrue();
        _kernel.Requests.ShouldBe([1u, 2u]);
        _opened.ShouldBe(1);
    }

    [Fact]
    public void Sees_no_change_if_the_kernel_does_not_answer_and_uses_another_socket()
    {
        _kernel.Fails(Errno.ENOBUFS);
        using var probe = new StateProbe(_net, CancellationToken.None);
        probe.SeesChange(default, share: 0.01).ShouldBeFalse();
        _kernel.Datagram(Row(TcpState.CloseWait), Row(TcpState.CloseWait), Row(TcpState.CloseWait), Recorded.Done(sequence: 1));
        probe.SeesChange(default, share: 0.01).ShouldBeTrue();
        _opened.ShouldBe(2);
    }

    private static byte[] Row(TcpState state, uint sequence = 1) => Recorded.Socket(state, sequence: sequence);

    private bool Open([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        _opened++;
        (socket, result, errno) = (new NetlinkSocket(_kernel, _kernel), ReadResult.Ok, 0);
        return true;
    }
}
