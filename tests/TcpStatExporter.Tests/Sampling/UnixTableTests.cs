using System.Globalization;
using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>Which AF_UNIX listeners have a row, what it says, and what is remembered.</summary>
public sealed class UnixTableTests
{
    private static readonly TimeSpan PeakWindow = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_row_is_a_path_whose_sockets_are_added_up_and_whose_fill_is_that_of_the_fullest()
    {
        var table = Table();
        Look(table, ("/run/twice.sock\0", 2, 10), ("/run/twice.sock\0", 3, 2), ("\0abstract", 1, 128), ("/run/zero.sock\0", 1, 0));
        var rows = Rows(table);
        rows.Keys.ShouldBe(["/run/twice.sock", "@abstract", "/run/zero.sock"], ignoreOrder: true);
        var twice = rows["/run/twice.sock"];
        (twice.Sockets, twice.QueueLength, twice.QueueLimit, twice.FillRatio).ShouldBe((2, 5, 12, 1.5));
        rows["@abstract"].FillRatio.ShouldBe(1.0 / 128);
        rows["/run/zero.sock"].FillRatio.ShouldBe(2, "a backlog of 0 takes one connection, and is full with it");
        table.NotExported.ShouldBe(0);
    }

    [Fact]
    public void What_has_no_name_of_its_own_or_does_not_listen_has_no_row_and_is_not_counted()
    {
        var table = Table();
        table.Begin();
        Add(table, "", 1, 1);
        Add(table, "\0", 1, 1);
        Add(table, "\0040ca", 1, 1);
        table.Add(new UnixSocket { Name = "/run/a"u8, State = TcpState.Close, HasQueue = true });
        table.Add(new UnixSocket { Name = "/run/b"u8, State = TcpState.Listen });
        table.Observe(TimeSpan.Zero);
        Rows(table).ShouldBeEmpty();
        table.NotExported.ShouldBe(0);
    }

    [Fact]
    public void Peaks_last_as_long_as_their_window_and_outlive_a_restart()
    {
        var table = Table();
        Look(table, ("/run/a\0", 9, 8));
        Later(1);
        Look(table, ("/run/a\0", 0, 8));
        var row = Rows(table)["/run/a"];
        (row.QueueLength, row.QueuePeak, row.FillRatioPeak).ShouldBe((0, 9, 9.0 / 8));

        Later(1);
        Look(table);
        Rows(table).ShouldBeEmpty("it is closed");
        Later(3);
        Look(table, ("/run/a\0", 1, 8));
        Rows(table)["/run/a"].QueuePeak.ShouldBe(9);

        Later(62);
        Look(table, ("/run/a\0", 1, 8));
        Rows(table)["/run/a"].QueuePeak.ShouldBe(1);
    }

    [Fact]
    public void One_that_is_gone_for_longer_than_the_peak_window_is_forgotten()
    {
        var table = Table(max: 1);
        Look(table, ("/run/a\0", 9, 8));
        Later(60);
        Look(table, ("/run/b\0", 0, 8));
        Rows(table).Keys.ShouldBe(["/run/b"]);
        Later(1);
        Look(table, ("/run/a\0", 0, 8), ("/run/b\0", 0, 8));
        Rows(table).Keys.Single().ShouldBe("/run/b", "it begins anew");
    }

    [Fact]
    public void Full_since_tells_how_long_each_look_has_seen_it_full()
    {
        var table = Table();
        Look(table, ("/run/a\0", 9, 8));
        Rows(table)["/run/a"].FullSince.ShouldBe(Now);
        var begin = Now;
        Later(2);
        Look(table, ("/run/a\0", 9, 8));
        Rows(table)["/run/a"].FullSince.ShouldBe(begin);
        Later(1);
        Look(table, ("/run/a\0", 8, 8));
        Rows(table)["/run/a"].FullSince.ShouldBeNull("at its limit there is room for one more");
    }

    [Fact]
    public void Of_too_many_the_fullest_have_rows_at_first()
    {
        var table = Table(max: 2);
        Look(table, ("/a\0", 1, 10), ("/b\0", 0, 10), ("/c\0", 11, 10), ("/d\0", 2, 10), ("/d\0", 0, 10));
        Rows(table).Keys.ShouldBe(["/c", "/d"], ignoreOrder: true);
        table.NotExported.ShouldBe(2);
    }

    /// <summary>Series shall not come and go with every connection.</summary>
    [Fact]
    public void A_row_is_kept_until_another_is_more_than_half_full_and_fuller_than_it_was()
    {
        var table = Table(max: 2);
        Look(table, ("/a\0", 0, 10), ("/b\0", 0, 10));
        Later(1);
        Look(table, ("/a\0", 0, 10), ("/b\0", 0, 10), ("/c\0", 5, 10));
        Rows(table).Keys.ShouldBe(["/a", "/b"], ignoreOrder: true);

        Later(1);
        Look(table, ("/a\0", 0, 10), ("/b\0", 6, 10), ("/c\0", 11, 10));
        Rows(table).Keys.ShouldBe(["/c", "/b"], ignoreOrder: true);
        Later(1);
        Look(table, ("/a\0", 7, 10), ("/b\0", 0, 10), ("/c\0", 0, 10));
        Rows(table).Keys.Order(StringComparer.Ordinal).ShouldBe(["/a", "/c"]);
        Later(1);
        Look(table, ("/a\0", 0, 10), ("/b\0", 7, 10), ("/c\0", 0, 10));
        Rows(table).Keys.ShouldBe(["/c", "/a"], ignoreOrder: true);
        table.NotExported.ShouldBe(1);
    }

    /// <summary>Whatever comes last, with ten thousand that are idle before it.</summary>
    [Fact]
    public void A_busy_one_is_never_left_out_however_many_there_are()
    {
        var table = Table(max: 64);
        Many(table, busy: -1);
        Rows(table).Count.ShouldBe(64);
        table.NotExported.ShouldBe(10_000 - 64);

        var before = Rows(table).Keys.ToHashSet(StringComparer.Ordinal);
        Later(1);
        Many(table, busy: 9_999);
        Rows(table).Keys.ShouldContain(name => name == "/run/9999.sock");
        Rows(table).Keys.Count(name => !before.Contains(name)).ShouldBe(1, "the others keep their rows");
        table.NotExported.ShouldBe(10_000 - 64);
    }

    [Fact]
    public void Memory_does_not_grow_with_names_that_come_and_go()
    {
        var table = Table(max: 64);
        for (var round = 0; round < 20; round++)
        {
            table.Begin();
            for (var i = 0; i < 10_000; i++)
            {
                Add(table, string.Create(CultureInfo.InvariantCulture, $"/run/{round}-{i}\0"), (uint)(i % 2), 1);
            }

            table.Observe(Now);
            table.Remembered.ShouldBeLessThanOrEqualTo(3 * UnixTable.MaxKept);
            Later(1);
        }

        Later(120);
        Look(table);
        table.Remembered.ShouldBe(0);
    }

    [Fact]
    public void A_look_that_is_not_finished_changes_nothing()
    {
        var table = Table();
        Look(table, ("/run/a\0", 1, 8));
        table.Begin();
        Add(table, "/run/a\0", 7, 8);
        Look(table, ("/run/a\0", 2, 8));
        var row = Rows(table)["/run/a"];
        (row.QueueLength, row.Sockets, row.QueuePeak).ShouldBe((2, 1, 2));
    }

    [Fact]
    public void Looks_allocate_nothing_while_the_listeners_are_the_same()
    {
        var table = Table(max: 16);
        var names = Enumerable.Range(0, 40).Select(i => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/run/user/{i}/grün-0123456789abcdef{i}.sock\0"))).ToArray();
        var rows = new ValueList<UnixSample>();
        Tick();
        Tick();
        Allocated.By(Tick).ShouldBe(0);
        rows.Count.ShouldBe(16);

        void Tick()
        {
            table.Begin();
            foreach (var name in names)
            {
                table.Add(new UnixSocket { Name = name, State = TcpState.Listen, HasQueue = true, QueueLength = 1, QueueLimit = 8 });
            }

            Later(1);
            table.Observe(Now);
            table.CopyTo(rows);
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private static void Many(UnixTable table, int busy)
    {
        table.Begin();
        for (var i = 0; i < 10_000; i++)
        {
            Add(table, string.Create(CultureInfo.InvariantCulture, $"/run/{i}.sock\0"), i == busy ? 9u : 0, 8);
        }

        table.Observe(TimeSpan.FromSeconds(1));
    }

    private static void Add(UnixTable table, string name, uint length, uint limit) =>
        table.Add(new UnixSocket { Name = Encoding.Latin1.GetBytes(name), State = TcpState.Listen, HasQueue = true, QueueLength = length, QueueLimit = limit, Inode = 7, Uid = 33, HasUid = true });

    private static Dictionary<string, UnixSample> Rows(UnixTable table)
    {
        var rows = new ValueList<UnixSample>();
        table.CopyTo(rows);
        return rows.Span.ToArray().ToDictionary(row => row.Identity.Path, StringComparer.Ordinal);
    }

    /// <summary>Nobody else's processes may be looked at there: owners are not known.</summary>
    private UnixTable Table(int max = 64) =>
        new(max, PeakWindow, new UnixOwners("/nowhere", new ReadingPace(TimeSpan.Zero, _time, static () => TimeSpan.Zero), isAwaited: true));

    private void Look(UnixTable table, params (string Name, uint Length, uint Limit)[] sockets)
    {
        table.Begin();
        foreach (var (name, length, limit) in sockets)
        {
            Add(table, name, length, limit);
        }

        table.Observe(Now);
    }

    private void Later(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
