using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

public sealed class HolderTableTests
{
    private readonly ValueList<HolderSample> _rows = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void Names_what_was_there_for_three_seconds()
    {
        var table = Table(5);
        for (var second = 0; second <= 3; second++)
        {
            var told = Observe(table, To("10.0.0.2", 5432, 7));
            told.ShouldBe(second < 3 ? [] : ["10.0.0.2:5432 unit7.service 1"]);
        }

        _rows[0].Since.ShouldBe(TimeSpan.FromHours(1));
        Observe(table).ShouldBeEmpty("one sample without it");
        Observe(table, To("10.0.0.2", 5432, 7)).ShouldBeEmpty("it begins anew");
    }

    /// <summary>As `once` and a judgement right after the start have it.</summary>
    [Fact]
    public void Can_name_entries_of_the_first_sample_at_once()
    {
        var table = Table(5, startsSettled: true);
        Observe(table, To("10.0.0.2", 5432, 7)).ShouldBe(["10.0.0.2:5432 unit7.service 1"]);
        Observe(table, To("10.0.0.2", 5432, 7), To("10.0.0.3", 5432, 7)).ShouldBe(["10.0.0.2:5432 unit7.service 1"]);
    }

    [Fact]
    public void Names_those_with_the_most_connections_and_the_oldest_among_equals()
    {
        var table = Table(3);
        for (var second = 0; second < 10; second++)
        {
            Observe(
                table,
                [
                    To("10.0.0.1", 1, 7, 5), To("10.0.0.2", 2, 7, 2), To("10.0.0.3", 3, 7, 9),
                    .. second > 0 ? [To("10.0.0.4", 4, 7, 2)] : Array.Empty<EndpointCount>(),
                ]);
        }

        Told().ShouldBe(["10.0.0.3:3 unit7.service 9", "10.0.0.1:1 unit7.service 5", "10.0.0.2:2 unit7.service 2"]);
        Observe(table, To("10.0.0.1", 1, 7, 1), To("10.0.0.2", 2, 7, 1), To("10.0.0.3", 3, 7, 1), To("10.0.0.4", 4, 7, 3))[0].ShouldBe("10.0.0.4:4 unit7.service 3");
    }

    [Fact]
    public void Two_cgroups_of_one_unit_are_one_row()
    {
        var table = new HolderTable(5, startsSettled: true, static _ => "app.service");
        Observe(table, To("10.0.0.2", 5432, 7, 2), To("10.0.0.2", 5432, 8, 3)).ShouldBe(["10.0.0.2:5432 app.service 5"]);
    }

    [Fact]
    public void A_cgroup_that_was_not_looked_up_yet_is_left_out_except_in_the_first_sample()
    {
        var table = new HolderTable(5, startsSettled: true, static id => id == 7 ? null : "app.service");
        Observe(table, To("10.0.0.2", 5432, 7)).ShouldBe(["10.0.0.2:5432  1"]);
        Observe(table, To("10.0.0.2", 5432, 7)).ShouldBeEmpty();
    }

    [Fact]
    public void A_port_scan_is_never_named()
    {
        var table = Table(5);
        for (var second = 0; second < 20; second++)
        {
            var targets = Enumerable.Range(0, 1000).Select(i => To($"10.0.{second}.{i % 250}", (ushort)(1 + i), 7)).ToArray();
            Observe(table, [.. targets, To("10.9.9.9", 443, 8)]).ShouldBe(second < 3 ? [] : ["10.9.9.9:443 unit8.service 1"]);
        }
    }

    [Fact]
    public void Keeps_its_names_and_allocates_nothing_while_the_set_is_the_same()
    {
        var table = new HolderTable(5, startsSettled: false, static _ => "app.service");
        var scan = new ValueList<EndpointCount>();
        var stays = Enumerable.Range(0, 20).Select(i => To("10.1.0.1", (ushort)(1 + i), 7, 2)).ToArray();
        var targets = Enumerable.Range(0, 40).Select(batch => Enumerable.Range(0, 1000).Select(i => To($"10.2.{batch}.{i / 250}", (ushort)(1 + i), 7)).ToArray()).ToArray();
        var batch = 0;
        Ticks();
        Ticks();
        var names = _rows.Span.ToArray().Select(row => row.Identity).ToArray();
        names.Length.ShouldBe(5);
        Allocated.By(Ticks).ShouldBe(0);
        var after = _rows.Span.ToArray().Select(row => row.Identity).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            after[i].ShouldBeSameAs(names[i]);
        }

        void Ticks()
        {
            for (var tick = 0; tick < 10; tick++)
            {
                scan.Clear();
                foreach (ref readonly var one in targets[batch++ % targets.Length].AsSpan())
                {
                    scan.Add(one);
                }

                foreach (ref readonly var one in stays.AsSpan())
                {
                    scan.Add(one);
                }

                table.Observe(scan.Span, _now);
                table.CopyTo(_rows);
                _now += TimeSpan.FromSeconds(1);
            }
        }
    }

    /// <summary>Clients that give up after two seconds have sent their SYN again at every other look.</summary>
    [Fact]
    public void Retransmitting_connections_are_the_maximum_within_ten_seconds()
    {
        var table = Table(5);
        for (var second = 0; second < 6; second++)
        {
            Observe(table, To("10.0.0.2", 5432, 7, 4, resent: second % 2 == 0 ? 0 : 3), To("10.0.0.2", 5432, 7, 4, resent: 1));
        }

        _rows[0].Resent.ShouldBe(4);
        for (var second = 0; second < 11; second++)
        {
            Observe(table, To("10.0.0.2", 5432, 7, 4));
        }

        _rows[0].Resent.ShouldBe(0);
    }

    [Fact]
    public void A_destination_on_this_host_is_marked_as_local()
    {
        var table = Table(5);
        for (var second = 0; second < 4; second++)
        {
            Observe(table, To("10.0.0.2", 5432, 7, 4), To("10.0.0.3", 80, 7, 3, isLocal: true));
        }

        _rows.Span.ToArray().Select(row => (row.Identity.Destination, row.Identity.IsLocal)).ShouldBe([("10.0.0.2:5432", false), ("10.0.0.3:80", true)]);
    }

    [Theory]
    [InlineData("10.0.0.2", 5432, "10.0.0.2:5432")]
    [InlineData("2001:db8::1", 443, "[2001:db8::1]:443")]
    [InlineData("::", 0, "")]
    public void A_name_has_the_format_of_ss_and_is_empty_without_a_destination(string address, ushort port, string expected)
    {
        var identity = new HolderIdentity(Ip(address), port, "a.service");
        identity.Destination.ShouldBe(expected);
        (identity.Destination, identity.Unit).ShouldBe((expected, "a.service"));
    }

    private static HolderTable Table(int max, bool startsSettled = false) => new(max, startsSettled, static id => $"unit{id}.service");

    private static EndpointCount To(string address, ushort port, ulong cgroup, int count = 1, int resent = 0, bool isLocal = false) =>
        new() { Address = Ip(address), Port = port, CgroupId = cgroup, Count = count, Resent = resent, IsLocal = isLocal };

    /// <summary>A sample a second.</summary>
    private string[] Observe(HolderTable table, params EndpointCount[] counts)
    {
        table.Observe(counts, _now);
        table.CopyTo(_rows);
        _now += TimeSpan.FromSeconds(1);
        return Told();
    }

    private string[] Told() => [.. _rows.Span.ToArray().Select(row => $"{row.Identity.Destination} {row.Identity.Unit} {row.Connections}")];
}
