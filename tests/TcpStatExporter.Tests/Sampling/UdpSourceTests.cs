using System.Diagnostics.CodeAnalysis;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>UDP receivers of a captured host by procfs, and of a kernel that answers by netlink in part or not at all.</summary>
public sealed class UdpSourceTests : IDisposable
{
    private readonly ScriptedTransport _kernel = new();
    private readonly ManualTimeProvider _time = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly string _empty = Directory.CreateTempSubdirectory("udp").FullName;

    public UdpSourceTests()
    {
        _snapshot[SourceId.Sysctl] = ReadResult.Ok;
        _snapshot.Sysctls[Sysctl.IpLocalPortRange] = new SysctlValue { Count = 2, First = 32_768, Second = 60_999 };
    }

    public void Dispose()
    {
        _kernel.Dispose();
        Directory.Delete(_empty, recursive: true);
    }

    [Fact]
    public void Procfs_reports_receivers_without_limit_and_omits_clients_without_drops()
    {
        using var source = Source(useNetlink: false);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        source.Method.ShouldBe(SourceMethod.Procfs);
        Ports().ShouldBe([53, 514, 53, 8125], ignoreOrder: true);
        var full = _snapshot.UdpSockets.Span.ToArray().Where(socket => socket.Port == 53).ToArray();
        full.ShouldAllBe(socket => socket.Drops > 0 && socket.QueueBytes > 8192 && socket.LimitBytes == 0 && socket.CgroupId == 0 && socket.Cookie != 0);
    }

    /// <summary>ENOENT: the kernel found no module for UDP.</summary>
    [Fact]
    public void A_kernel_without_udp_diag_is_read_from_procfs_from_then_on()
    {
        _kernel.Datagram(Recorded.Error(-2, sequence: 1));
        using var source = Source(useNetlink: true);
        source.Method.ShouldBe(SourceMethod.Netlink);
        for (var i = 0; i < 2; i++)
        {
            source.Read(_snapshot).ShouldBe(ReadResult.Ok);
            source.Method.ShouldBe(SourceMethod.Procfs);
            Ports().Length.ShouldBe(4);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        _kernel.Requests.Count.ShouldBe(1, "it is not asked again");
    }

    [Fact]
    public void Without_netlink_and_procfs_it_is_absent()
    {
        _kernel.Datagram(Recorded.Error(-2, sequence: 1));
        using var source = Source(useNetlink: true, root: _empty);
        source.Read(_snapshot).ShouldBe(ReadResult.Absent);
        _snapshot.AreUdpSocketsNew.ShouldBeFalse();
    }

    [Fact]
    public void A_kernel_without_IPv6_is_read_without_it()
    {
        _kernel.Datagram(Receiver(1), Recorded.Done(sequence: 1)).Datagram(Recorded.Error(-2, sequence: 2));
        using var source = Source(useNetlink: true);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        source.Method.ShouldBe(SourceMethod.Netlink);
    }

    [Fact]
    public void An_interrupted_dump_counts_once_and_keeps_the_other_family()
    {
        _kernel.Datagram(Receiver(1), Recorded.Done(sequence: 1))
            .Datagram(Receiver(2, interrupted: true), Recorded.Done(sequence: 2))
            .Datagram(Receiver(3, interrupted: true), Receiver(3), Recorded.Done(sequence: 3));
        using var source = Source(useNetlink: true);
        source.Read(_snapshot).ShouldBe(ReadResult.OkDespite(SourceError.Interrupted));
        _snapshot.AreUdpSocketsNew.ShouldBeTrue();
        _snapshot.UdpSockets.Count.ShouldBe(3);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.AreUdpSocketsNew.ShouldBeFalse("nothing was read");
    }

    [Fact]
    public void Between_two_reads_it_is_unchanged_and_a_failure_is_retried_at_once()
    {
        _kernel.Fails(Errno.ENOBUFS);
        using var source = Source(useNetlink: true);
        source.Read(_snapshot).Status.ShouldBe(SourceStatus.Failed);
        _snapshot.AreUdpSocketsNew.ShouldBeFalse();
        source.Read(_snapshot).Status.ShouldBe(SourceStatus.Failed);
        _kernel.Requests.Count.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Reads_allocate_nothing_after_the_first()
    {
        using var source = Source(useNetlink: false);
        source.Read(_snapshot);
        Allocated.By(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            source.Read(_snapshot);
        }).ShouldBe(0);
        _snapshot.AreUdpSocketsNew.ShouldBeTrue();
    }

    /// <summary>A bound socket at port 53 with SK_MEMINFO.</summary>
    private static byte[] Receiver(uint sequence, bool interrupted = false)
    {
        var bytes = Recorded.Socket(TcpState.Close, Recorded.Attribute(7, new byte[36]), interrupted ? NlMsgHdr.FlagDumpInterrupted : (ushort)0, sequence);
        bytes[NlMsgHdr.Size + 5] = 53;
        return bytes;
    }

    private UdpSource Source(bool useNetlink, string? root = null) => new(
        NetNamespace.OfProcfs(root ?? Fixture.Path($"{Fixture.Udp}/proc"), Open), useNetlink, new ReadingPace(ReadingPace.OfDaemon, _time, static () => TimeSpan.Zero), CancellationToken.None);

    private int[] Ports() => [.. _snapshot.UdpSockets.Span.ToArray().Select(socket => (int)socket.Port)];

    private bool Open([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        (socket, result, errno) = (new NetlinkSocket(_kernel, _kernel), ReadResult.Ok, 0);
        return true;
    }
}
