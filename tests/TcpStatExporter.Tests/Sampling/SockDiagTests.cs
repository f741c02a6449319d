using System.Diagnostics.CodeAnalysis;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>What is made of a kernel that answers in part, wrongly or not at all.</summary>
public sealed class SockDiagTests : IDisposable
{
    private readonly ScriptedTransport _kernel = new();
    private readonly ScriptedTransport _second = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly RecordingLogger<SourceFactory> _log = new();
    private readonly TimeWaitCheck _timeWait;
    private readonly NetNamespace _net;
    private int _opened;

    public SockDiagTests()
    {
        _timeWait = new TimeWaitCheck(_log);
        _timeWait.Compare(before: 0, counted: 0, after: 0);
        _net = NetNamespace.OfProcfs("/proc", Open);
    }

    private bool Open([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        var kernel = _opened++ == 0 ? _kernel : _second;
        (socket, result, errno) = (new NetlinkSocket(kernel, kernel), ReadResult.Ok, 0);
        return true;
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void An_interrupted_dump_is_requested_once_more()
    {
        Answer(1, rows: 3, interrupted: true).Datagram(Row(2), End(2));
        using var source = new SockDiagListenerSource(_net, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Listeners.Count.ShouldBe(1, "what the first one told is forgotten");
        _kernel.Requests.ShouldBe([1u, 2u]);
        _opened.ShouldBe(1);
    }

    [Fact]
    public void After_two_interruptions_all_sockets_are_requested()
    {
        Derivable(established: 0);
        Answer(1, interrupted: true);
        Answer(2, interrupted: true);
        Answer(3);
        using var source = new SockDiagSocketSource(_net, _timeWait, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _kernel.States.ShouldBe([TcpStateSet.AllButCommon, TcpStateSet.AllButCommon, TcpStateSet.All]);
    }

    [Fact]
    public void After_repeated_interruptions_the_sockets_are_used_anyway_and_that_is_counted()
    {
        Derivable(established: 0);
        for (var sequence = 1u; sequence <= 4; sequence++)
        {
            Answer(sequence, rows: (int)sequence, interrupted: true);
        }

        var time = new ManualTimeProvider();
        using var source = new GuardedSource(new SockDiagSocketSource(_net, _timeWait, CancellationToken.None), time, new RecordingLogger<Sampler>());
        source.Read(_snapshot).ShouldBeTrue();
        _snapshot[SourceId.Sockets].ShouldBe(ReadResult.OkDespite(SourceError.Interrupted));
        _snapshot.States[TcpState.Listen].ShouldBe(4);
        _kernel.States.ShouldBe([TcpStateSet.AllButCommon, TcpStateSet.AllButCommon, TcpStateSet.All, TcpStateSet.All]);
        source.Statistics[SourceError.Interrupted].ShouldBe(1UL);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1000, 2)]
    public void If_the_two_counts_disagree_all_sockets_are_requested(int disagreement, int dumps)
    {
        Derivable(established: 5, disagreement);
        Answer(1);
        Answer(2);
        using var source = new SockDiagSocketSource(_net, _timeWait, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _kernel.States.Count.ShouldBe(dumps);
        _kernel.States[^1].ShouldBe(dumps == 1 ? TcpStateSet.AllButCommon : TcpStateSet.All);
        _snapshot.States[TcpState.Established].ShouldBe(dumps == 1 ? 5 : 0);
    }

    [Fact]
    public void Before_a_sweep_has_agreed_with_sockstat_all_sockets_are_requested()
    {
        Derivable(established: 0);
        Answer(1);
        Answer(2);
        var timeWait = new TimeWaitCheck(_log);
        using var source = new SockDiagSocketSource(_net, timeWait, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        timeWait.Compare(before: 0, counted: 0, after: 0);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _kernel.States.ShouldBe([TcpStateSet.All, TcpStateSet.AllButCommon]);
    }

    /// <summary>A sweep is a dump of all sockets: it says whether sockstat's tw is this namespace's.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(6068, false)]
    public void A_sweep_checks_TIME_WAIT_in_sockstat(int told, bool agrees)
    {
        var root = Directory.CreateTempSubdirectory("tcpstat-net-");
        try
        {
            var net = root.CreateSubdirectory("net");
            File.WriteAllText(Path.Combine(net.FullName, "sockstat"), $"sockets: used 5\nTCP: inuse 1 orphan 0 tw {told} alloc 1 mem 0\n");
            Answer(1);
            var timeWait = new TimeWaitCheck(_log);
            using var source = new SockDiagSweepSource(new SweepTally(), NetNamespace.OfProcfs(root.FullName, Open), timeWait, CancellationToken.None);
            source.Read(_snapshot).ShouldBe(ReadResult.Ok);
            timeWait.Agrees.ShouldBe(agrees);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void Without_the_counters_all_sockets_are_requested()
    {
        Answer(1);
        using var source = new SockDiagSocketSource(_net, _timeWait, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _kernel.States.ShouldBe([TcpStateSet.All]);
    }

    [Fact]
    public void An_unread_reply_is_abandoned_with_its_socket()
    {
        var broken = Row(1);
        broken[0] = 7;
        _kernel.Datagram(broken).Datagram(Row(1), End(1));
        _second.Datagram(Row(1), Row(1), End(1));
        using var source = new SockDiagListenerSource(_net, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed));
        _opened.ShouldBe(1);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _opened.ShouldBe(2);
        _kernel.Left.ShouldBe(1);
        _snapshot.Listeners.Count.ShouldBe(2);
    }

    [Fact]
    public void A_socket_that_cannot_be_opened_is_retried_at_the_next_read()
    {
        var isRefused = true;
        using var source = new SockDiagListenerSource(NetNamespace.OfProcfs("/proc", Open), CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.PermissionDenied));
        isRefused = false;
        Answer(1);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);

        bool Open([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno) =>
            isRefused ? Refuse(out socket, out result, out errno) : this.Open(out socket, out result, out errno);
    }

    [Fact]
    public void A_read_stops_with_the_daemon_and_leaves_the_rest_of_the_reply()
    {
        using var stopping = new CancellationTokenSource();
        Derivable(established: 0);
        _kernel.Datagram(Row(1)).Datagram(Row(1)).Datagram(End(1));
        using var source = new SockDiagSocketSource(_net, _timeWait, stopping.Token);
        stopping.Cancel();
        source.Read(_snapshot);
        _kernel.Left.ShouldBe(2);
    }

    [Fact]
    public void Netlink_that_the_kernel_refuses_is_replaced_by_procfs_and_the_log_says_why()
    {
        var log = new RecordingLogger<SourceFactory>();
        var factory = new SourceFactory(SourceChoice.Auto, NetNamespace.OfProcfs("/proc", Refuse), log, CancellationToken.None);
        factory.CreateTickSources().ShouldAllBe(source => source.Method == SourceMethod.Procfs);
        factory.CreateSweepSource(new SweepTally()).Method.ShouldBe(SourceMethod.Procfs);
        factory.TellsOwners.ShouldBeFalse();
        log.Entries.ShouldHaveSingleItem().Message.ShouldStartWith("The kernel refuses sock_diag (permission_denied, errno 13). ");
    }

    [Fact]
    public void Netlink_that_answers_with_an_error_is_replaced_too()
    {
        _kernel.Datagram(Recorded.Done(-Errno.ENOENT, sequence: 1));
        var log = new RecordingLogger<SourceFactory>();
        new SourceFactory(SourceChoice.Auto, _net, log, CancellationToken.None)
            .CreateTickSources().ShouldAllBe(source => source.Method == SourceMethod.Procfs);
        log.Entries.ShouldHaveSingleItem().Message.ShouldContain("(unsupported, errno 2)");
    }

    [Fact]
    public void If_netlink_is_required_and_refused_the_start_fails() =>
        Should.Throw<SourceRefusedException>(() => new SourceFactory(SourceChoice.Netlink, NetNamespace.OfProcfs("/proc", Refuse), new RecordingLogger<SourceFactory>(), CancellationToken.None))
            .Message.ShouldContain("permission_denied (errno 13)");

    [Fact]
    public void Netlink_reports_what_procfs_does_not()
    {
        Answer(1);
        var factory = new SourceFactory(SourceChoice.Auto, _net, new RecordingLogger<SourceFactory>(), CancellationToken.None);
        factory.CreateTickSources().Where(source => source.Method == SourceMethod.Netlink).Select(source => source.Id)
            .ShouldBe([SourceId.Udp, SourceId.Sockets, SourceId.Listeners]);
        factory.CreateSweepSource(new SweepTally()).Method.ShouldBe(SourceMethod.Netlink);
    }

    /// <summary>ENOBUFS, EMFILE and ENOMEM: the kernel has sock_diag, but had no room just then.</summary>
    [Theory]
    [InlineData(105)]
    [InlineData(24)]
    [InlineData(12)]
    public void Netlink_that_is_temporarily_unavailable_is_retried(int passing)
    {
        var time = new ManualTimeProvider();
        var log = new RecordingLogger<SourceFactory>();
        var answer = passing;
        var factory = new SourceFactory(SourceChoice.Auto, NetNamespace.OfProcfs("/proc", OpenOrNot), log, CancellationToken.None, time);
        var sources = factory.CreateTickSources();
        using var listeners = new GuardedSource(sources.Single(source => source.Id == SourceId.Listeners), time, log);
        log.Entries.ShouldHaveSingleItem().Message.ShouldContain($"(errno {passing})");

        listeners.Read(_snapshot).ShouldBeTrue();
        listeners.Statistics.Method.ShouldBe(SourceMethod.Procfs);
        time.Advance(LateNetlink.Pace);
        listeners.Read(_snapshot).ShouldBeTrue("it goes on with procfs while the fault lasts");
        listeners.Statistics.Method.ShouldBe(SourceMethod.Procfs);

        answer = 0;
        listeners.Read(_snapshot).ShouldBeTrue();
        listeners.Statistics.Method.ShouldBe(SourceMethod.Procfs, "not at each tick");
        time.Advance(LateNetlink.Pace);
        Answer(1);
        _second.Datagram(Row(1), End(1));
        listeners.Read(_snapshot).ShouldBeTrue();
        listeners.Statistics.Method.ShouldBe(SourceMethod.Netlink);
        _snapshot.Listeners.Span.ToArray().ShouldHaveSingleItem().HasLimit.ShouldBeTrue();
        log.Entries.Count(entry => entry.Message.StartsWith("The kernel answers sock_diag again", StringComparison.Ordinal)).ShouldBe(1);
        foreach (var source in sources)
        {
            source.Dispose();
        }

        bool OpenOrNot([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
        {
            if (answer == 0)
            {
                return Open(out socket, out result, out errno);
            }

            (socket, result, errno) = (null, ReadResult.Failed(SourceError.NoBuffers), answer);
            return false;
        }
    }

    [Fact]
    public void Netlink_that_is_refused_later_is_not_retried()
    {
        var time = new ManualTimeProvider();
        var log = new RecordingLogger<SourceFactory>();
        var errno = 105;
        var asked = 0;
        var late = new LateNetlink(NetNamespace.OfProcfs("/proc", Fail), time, log);
        time.Advance(LateNetlink.Pace);
        late.IsThere().ShouldBeFalse();
        errno = Errno.EACCES;
        time.Advance(LateNetlink.Pace);
        late.IsThere().ShouldBeFalse();
        time.Advance(LateNetlink.Pace);
        late.IsThere().ShouldBeFalse();
        asked.ShouldBe(2);
        log.Entries.ShouldHaveSingleItem().Message.ShouldStartWith("The kernel refuses sock_diag");

        bool Fail([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int error)
        {
            asked++;
            (socket, result, error) = (null, ReadResult.Failed(SourceError.PermissionDenied), errno);
            return false;
        }
    }

    [Fact]
    public void If_netlink_is_required_and_temporarily_unavailable_it_waits()
    {
        var factory = new SourceFactory(SourceChoice.Netlink, NetNamespace.OfProcfs("/proc", NoBuffers), new RecordingLogger<SourceFactory>(), CancellationToken.None);
        factory.CreateTickSources().Count(source => source.Method == SourceMethod.Netlink).ShouldBe(3);

        static bool NoBuffers([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
        {
            (socket, result, errno) = (null, ReadResult.Failed(SourceError.NoBuffers), Errno.ENOBUFS);
            return false;
        }
    }

    private static bool Refuse([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        (socket, result, errno) = (null, ReadResult.Failed(SourceError.PermissionDenied), Errno.EACCES);
        return false;
    }

    private static byte[] Row(uint sequence, ushort flags = 0) => Recorded.Socket(TcpState.Listen, flags: flags, sequence: sequence);

    private static byte[] End(uint sequence) => Recorded.Done(sequence: sequence);

    /// <summary>A whole answer of so many listening sockets.</summary>
    private ScriptedTransport Answer(uint sequence, int rows = 1, bool interrupted = false) => _kernel.Datagram(
        [.. Enumerable.Repeat(Row(sequence, interrupted ? NlMsgHdr.FlagDumpInterrupted : (ushort)0), rows), End(sequence)]);

    /// <summary>Counters that the filtered dump of one listening socket can be completed by, or not.</summary>
    private void Derivable(int established, int disagreement = 0)
    {
        _snapshot[SourceId.Snmp] = _snapshot[SourceId.Sockstat] = ReadResult.Ok;
        _snapshot.Snmp.SetNames(["CurrEstab"]);
        _snapshot.Snmp.Values[0] = (ulong)established;
        _snapshot.Sockstat = new SockstatCounts { TcpInUse = 1 + established + disagreement };
    }
}
