using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Namespaces;

/// <summary>The watch over a tree of processes: who is counted under what name, who gets series, and when.</summary>
public sealed class NetnsWatchTests : IDisposable
{
    private const string Drops = "ListenDrops";

    private readonly ProcessTree _tree = new();
    private readonly ManualTimeProvider _time = new();
    private NetnsWatch? _watch;

    public void Dispose()
    {
        _watch?.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public void Each_namespace_has_a_row_under_its_name_and_the_hosts_own_has_none()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        _tree.Add(11, "a", "/system.slice/a.service");
        _tree.Add(12, "b", "/system.slice/b.service");
        _tree.Add(13, "host", "/system.slice/c.service");
        Start(new NetnsOptions { Mode = NetnsMode.Counters });
        Rows().Select(row => (row.Identity.Name, row.Namespaces)).ShouldBe([("a.service", 1), ("b.service", 1)]);
        _watch!.Totals.Seen.ShouldBe(2);
        _watch.Totals.Sampled.ShouldBe(2);
        _watch.Totals.Unnamed.ShouldBe(0);
    }

    [Fact]
    public void What_was_counted_before_the_first_look_is_not_told_and_what_a_new_namespace_counted_is()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        _tree.Count("a", Drops, 1000);
        Start(new NetnsOptions { Mode = NetnsMode.Counters });
        Row("a.service").Total.ListenDrops.ShouldBe(0ul);

        _tree.Count("a", Drops, 1);
        _tree.Add(12, "b", "/system.slice/b.service");
        _tree.Count("b", Drops, 7);
        Pass();
        Row("a.service").Total.ListenDrops.ShouldBe(1ul);
        Row("b.service").Total.ListenDrops.ShouldBe(7ul);
        _watch!.Totals.Total.ListenDrops.ShouldBe(8ul);
    }

    [Fact]
    public void Who_loses_gets_series_and_keeps_them_and_a_stray_packet_is_no_trouble()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        _tree.Add(12, "b", "/system.slice/b.service");
        Start(new NetnsOptions { Mode = NetnsMode.Counters });
        _watch!.Watched.ShouldBeEmpty();

        _tree.Count("a", Drops, 2);
        _tree.Count("b", Drops, 3);
        Pass();
        _watch.Watched.Select(one => one.Identity.Name).ShouldBe(["b.service"]);
        _watch.Totals.InTrouble.ShouldBe(1);
        Value(_watch.Watched[0], Drops).ShouldBe(3ul);

        Pass();
        _watch.Totals.InTrouble.ShouldBe(0);
        _watch.Watched.Select(one => one.Identity.Name).ShouldBe(["b.service"]);
        Row("b.service").WasInTrouble.ShouldBeTrue();
    }

    [Theory]
    [InlineData("TCPAbortOnMemory", 3, true)]
    [InlineData("TCPTimeWaitOverflow", 3, true)]
    [InlineData("TCPReqQFullDoCookies", 500, false)]
    [InlineData("RetransSegs", 99, false)]
    [InlineData("RetransSegs", 100, true)]
    public void What_trouble_is(string counter, ulong added, bool isTrouble)
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        Start(new NetnsOptions { Mode = NetnsMode.Counters });
        _tree.Count("a", counter, added);
        Pass();
        Row("a.service").IsInTrouble.ShouldBe(isTrouble);
    }

    [Fact]
    public void A_few_retransmissions_of_very_many_segments_are_no_trouble()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        Start(new NetnsOptions { Mode = NetnsMode.Counters });
        _tree.Count("a", "RetransSegs", 500);
        _tree.Count("a", "OutSegs", 10_000);
        Pass();
        Row("a.service").IsInTrouble.ShouldBeFalse();
    }

    [Fact]
    public void No_more_get_series_than_there_is_room_for_and_who_is_left_out_is_counted()
    {
        foreach (var number in Enumerable.Range(0, 4))
        {
            _tree.Add(10 + number, $"n{number}", $"/system.slice/n{number}.service");
        }

        Start(new NetnsOptions { Mode = NetnsMode.Counters, Max = 2 });
        foreach (var number in Enumerable.Range(0, 3))
        {
            _tree.Count($"n{number}", Drops, 5);
        }

        Pass();
        _watch!.Watched.Count.ShouldBe(2);
        _watch.Totals.NotExported.ShouldBe(1);
    }

    [Fact]
    public void All_get_series_if_asked_for()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        _tree.Add(12, "b", "/user.slice");
        Start(new NetnsOptions { Mode = NetnsMode.Counters, Max = 1, Series = NetnsSeriesChoice.All });
        _watch!.Watched.Select(one => one.Identity.Name).Order(StringComparer.Ordinal).ShouldBe(["a.service", "other"]);
    }

    [Fact]
    public void Namespaces_of_one_name_are_added_up()
    {
        _tree.Add(10, "a", "/user.slice");
        _tree.Add(12, "b", "/user.slice");
        Start(new NetnsOptions { Mode = NetnsMode.Counters, Series = NetnsSeriesChoice.All });
        var open = Row("other").Established;
        _tree.Count("a", Drops, 5);
        _tree.Count("b", Drops, 6);
        _tree.Count("b", "CurrEstab", 4);
        Pass();
        Row("other").Namespaces.ShouldBe(2);
        Row("other").Total.ListenDrops.ShouldBe(11ul);
        Row("other").Established.ShouldBe(open + 4);
        _watch!.Totals.Unnamed.ShouldBe(2);
        Value(_watch.Watched[0], Drops).ShouldBe(11ul);
    }

    [Fact]
    public void By_default_nothing_is_told_before_a_container_is_found()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        Start(new NetnsOptions { Mode = NetnsMode.Auto, Series = NetnsSeriesChoice.All });
        _watch!.Totals.IsOn.ShouldBeFalse();
        _watch.Watched.ShouldBeEmpty();

        _tree.Add(12, "b", $"/docker/{ProcessTree.Id}");
        Pass();
        _watch.Totals.IsOn.ShouldBeTrue();
        _watch.Watched.Count.ShouldBe(2);
    }

    [Fact]
    public void Names_select_what_is_read()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        _tree.Add(12, "b", "/system.slice/b.service");
        _tree.Add(14, "c", "/system.slice/c.scope");
        Start(new NetnsOptions { Mode = NetnsMode.Counters, Filter = new NetnsFilter(["*.service"], ["b*"]) });
        Rows().Select(row => row.Identity.Name).ShouldBe(["a.service"]);
        _watch!.Totals.Seen.ShouldBe(3);
        _watch.Totals.Sampled.ShouldBe(1);
    }

    /// <summary>A runtime starts a process and then moves it: into its namespace, and into its cgroup.</summary>
    [Fact]
    public void A_process_that_moves_is_looked_at_again()
    {
        Start(new NetnsOptions { Mode = NetnsMode.Counters });
        _tree.Add(10, "host", "/system.slice/containerd.service");
        Pass();
        Rows().ShouldBeEmpty();
        _tree.End(10);
        _tree.Add(10, "a", "/system.slice/containerd.service");
        Pass();
        Row("other").Namespaces.ShouldBe(1);
        _tree.Write(10, "cgroup", $"0::/docker/{ProcessTree.Id}\n");
        Pass();
        Rows().Select(row => row.Identity.Name).ShouldBe([ProcessTree.Id[..12]]);
    }

    [Fact]
    public void Files_are_used_for_as_many_namespaces_as_there_are_files_for()
    {
        foreach (var number in Enumerable.Range(0, 4))
        {
            _tree.Add(10 + number, $"n{number}", $"/system.slice/n{number}.service");
        }

        Start(new NetnsOptions { Mode = NetnsMode.Counters, OpenFiles = 2 * FoundNetns.OpenFiles });
        _watch!.Totals.Seen.ShouldBe(4);
        _watch.Totals.Sampled.ShouldBe(2);
    }

    [Fact]
    public void What_reading_costs_sets_its_pace()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        var cpu = TimeSpan.Zero;
        using var watch = New(new NetnsOptions { Mode = NetnsMode.Counters, CpuShare = 0.01 }, () => cpu += TimeSpan.FromSeconds(0.4));

        // the clock moves at each question
        watch.RunDue();
        var first = watch.Totals.UnixMilliseconds;
        for (var second = 1; second < 40; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            watch.RunDue();
            watch.Totals.UnixMilliseconds.ShouldBe(first, $"after {second} s: 0.4 s are a hundredth of 40 s");
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        watch.RunDue();
        watch.Totals.UnixMilliseconds.ShouldBe(first + 40_000);
    }

    [Fact]
    public void A_new_cgroup_brings_the_search_forward()
    {
        var pace = TimeSpan.FromSeconds(1);
        var cgroups = Directory.CreateTempSubdirectory("tcpstat-cgroups-");
        try
        {
            Start(new NetnsOptions { Mode = NetnsMode.Counters, CgroupFolder = cgroups.FullName, LookInterval = TimeSpan.FromHours(1), Interval = pace });
            _tree.Add(10, "a", "/system.slice/a.service");
            Step(times: 10);
            Rows().ShouldBeEmpty();

            cgroups.CreateSubdirectory("system.slice/a.service");
            Step(times: 3);
            Rows().Select(row => row.Identity.Name).ShouldBe(["a.service"]);

            _tree.Add(11, "b", "/system.slice/b.service");
            Step(times: 10);
            Rows().Length.ShouldBe(1, "one search for one event");

            cgroups.CreateSubdirectory("system.slice/b.service");
            Step(times: 3);
            Rows().Length.ShouldBe(2, "the new directory is watched too");
        }
        finally
        {
            cgroups.Delete(recursive: true);
        }

        void Step(int times)
        {
            for (var i = 0; i < times; i++)
            {
                _time.Advance(pace);
                _watch!.RunDue();
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated_while_no_namespace_comes_or_goes()
    {
        foreach (var number in Enumerable.Range(0, 20))
        {
            _tree.Add(10 + number, $"n{number}", $"/system.slice/n{number}.service");
        }

        Start(new NetnsOptions { Mode = NetnsMode.Counters, Series = NetnsSeriesChoice.All });

        // names are sought again for a minute
        for (var i = 0; i < 20; i++)
        {
            Pass();
        }

        _watch!.Watched.Count.ShouldBe(20);
        Allocated.By(() =>
        {
            for (var i = 0; i < 10; i++)
            {
                Pass();
            }
        }).ShouldBe(0);
    }

    private void Start(NetnsOptions options)
    {
        _watch = New(options, () => TimeSpan.Zero);
        _watch.RunDue();
    }

    private NetnsWatch New(NetnsOptions options, Func<TimeSpan> cpuTime) => new(
        options with { ProcfsRoot = _tree.Procfs, LogFolder = _tree.Logs, NamedFolder = _tree.Named },
        Freshness.Of(options.Interval),
        _time,
        NullLogger<NetnsWatch>.Instance,
        cpuTime);

    private void Pass()
    {
        _time.Advance(TimeSpan.FromSeconds(15));
        _watch!.RunDue();
    }

    private NetnsRow[] Rows()
    {
        var rows = new ValueList<NetnsRow>();
        _watch!.CopyRowsTo(rows);
        return [.. rows.Span.ToArray().OrderBy(row => row.Identity.Name, StringComparer.Ordinal)];
    }

    private NetnsRow Row(string name) => Rows().Single(row => row.Identity.Name == name);

    private static ulong Value(WatchedNetns watched, string name)
    {
        using var lease = watched.Store.Take();
        var table = lease.Sample.Kernel.Netstat;
        return table.Values[table.IndexOf(name)];
    }
}
