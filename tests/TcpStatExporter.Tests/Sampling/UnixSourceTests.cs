using System.Diagnostics.CodeAnalysis;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>AF_UNIX listeners of a kernel that answers, answers in part, or does not know the question.</summary>
public sealed class UnixSourceTests : IDisposable
{
    private readonly ScriptedTransport _kernel = new();
    private readonly ManualTimeProvider _time = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly UnixTable _table;
    private TimeSpan _cpu;

    public UnixSourceTests() =>
        _table = new UnixTable(64, TimeSpan.FromSeconds(60), new UnixOwners("/nowhere", new ReadingPace(TimeSpan.Zero, _time, () => _cpu), isAwaited: true));

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void Each_tick_reads_what_listens()
    {
        using var source = Source();
        for (var i = 1u; i <= 3; i++)
        {
            _kernel.Datagram(Recorded.UnixListener("/run/a.sock\0"u8, i, 8, sequence: i), Recorded.UnixListener("\0b"u8, 0, 128, sequence: i), Recorded.Done(sequence: i));
            source.Read(_snapshot).ShouldBe(ReadResult.Ok);
            _snapshot.AreUnixListenersNew.ShouldBeTrue();
            Rows().ShouldBe([("/run/a.sock", i, 8), ("@b", 0, 128)]);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _kernel.Requests.Count.ShouldBe(3);
        (source.Id, source.Method).ShouldBe((SourceId.Unix, SourceMethod.Netlink));
    }

    /// <summary>ENOENT: the kernel found no module. Each question has it look for one again.</summary>
    [Fact]
    public void A_kernel_without_unix_diag_has_none_and_is_seldom_asked_again()
    {
        _kernel.Datagram(Recorded.Error(-2, sequence: 1));
        using var source = Source();
        for (var i = 0; i < 10; i++)
        {
            source.Read(_snapshot).ShouldBe(ReadResult.Absent);
            _snapshot.AreUnixListenersNew.ShouldBeFalse();
            _time.Advance(TimeSpan.FromSeconds(50));
        }

        _kernel.Requests.Count.ShouldBe(1);
        _kernel.Datagram(Recorded.Done(sequence: 2));
        _time.Advance(UnixSource.AbsentPause);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok, "the module was loaded meanwhile");
    }

    [Fact]
    public void A_reply_that_is_cut_fails_and_is_asked_for_anew_at_the_next_tick()
    {
        var whole = Recorded.UnixListener("/run/a.sock\0"u8, 3, 8, sequence: 1);
        _kernel.Datagram(whole, whole[..30]).Datagram(Recorded.UnixListener("/run/a.sock\0"u8, 4, 8, sequence: 1), Recorded.Done(sequence: 1));
        using var source = Source();
        source.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed));
        _snapshot.AreUnixListenersNew.ShouldBeFalse();
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Rows().ShouldBe([("/run/a.sock", 4, 8)]);
    }

    /// <summary>A two-hundredth of a core: what costs 20 ms is read each 4 s.</summary>
    [Fact]
    public void The_more_it_costs_the_more_rarely_it_is_read()
    {
        using var source = Source();
        for (var i = 1u; i <= 3; i++)
        {
            _kernel.Datagram(Recorded.UnixListener("/run/a.sock\0"u8, i, 8, sequence: i), Recorded.Done(sequence: i));
        }

        var news = new List<bool>();
        _kernel.Sent = () => _cpu += TimeSpan.FromMilliseconds(20);
        for (var second = 0; second < 6; second++)
        {
            source.Read(_snapshot).ShouldBe(ReadResult.Ok);
            news.Add(_snapshot.AreUnixListenersNew);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        news.ShouldBe([true, true, false, false, false, true], "one costly reading tells nothing");
    }

    [Fact]
    public void Readings_allocate_nothing_after_the_first()
    {
        using var source = new UnixSource(
            NetNamespace.OfProcfs(Fixture.Path($"{Fixture.Udp}/proc"), OpenRecorded), _table, Pace(), _time, CancellationToken.None);
        source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Rows().Count.ShouldBe(9);

        // the recorded kernel takes a copy of its reply
        var reply = Allocated.By(() => Recorded.Read("unix/listeners"));
        Allocated.By(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            source.Read(_snapshot);
        }).ShouldBeLessThanOrEqualTo(reply + 64);
        _snapshot.AreUnixListenersNew.ShouldBeTrue();
    }

    private List<(string Path, long Length, long Limit)> Rows()
    {
        _table.Observe(_time.GetElapsedTime(0));
        var rows = new ValueList<UnixSample>();
        _table.CopyTo(rows);
        return [.. rows.Span.ToArray().Select(row => (row.Identity.Path, row.QueueLength, row.QueueLimit)).OrderByDescending(row => row.Path, StringComparer.Ordinal).Reverse()];
    }

    private UnixSource Source() => new(NetNamespace.OfProcfs(Fixture.Path($"{Fixture.Udp}/proc"), Open), _table, Pace(), _time, CancellationToken.None);

    private ReadingPace Pace() => new(TimeSpan.FromTicks(1), _time, () => _cpu);

    private static bool OpenRecorded([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        var isOpen = RecordedKernel.Open(out var opened, out result, out errno);
        socket = opened;
        return isOpen;
    }

    private bool Open([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        (socket, result, errno) = (new NetlinkSocket(_kernel, _kernel), ReadResult.Ok, 0);
        return true;
    }
}
