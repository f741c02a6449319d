using Shouldly;
using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed class KernelCounterSeriesTests
{
    private readonly List<string> _written = [];
    private readonly Subject _subject = new(new SubjectKind(), netns: "");
    private readonly KernelCounterSeries _series;

    public KernelCounterSeriesTests() => _series = new(KernelCounterGroup.Tcp, all: true, family => new Noted(family, _written));

    [Fact]
    public void Each_table_is_written_under_its_own_names()
    {
        var first = Table(("ActiveOpens", 1), ("PassiveOpens", 2), ("InSegs", 3));
        var second = Table(("InSegs", 30), ("ActiveOpens", 10), ("PassiveOpens", 20));
        var third = Table(("PassiveOpens", 200));

        for (var round = 0; round < 2; round++)
        {
            Write(first).ShouldBe(["tcpstat_tcp_active_opens_total 1", "tcpstat_tcp_passive_opens_total 2", "tcpstat_tcp_in_segs_total 3"]);
            Write(second).ShouldBe(["tcpstat_tcp_in_segs_total 30", "tcpstat_tcp_active_opens_total 10", "tcpstat_tcp_passive_opens_total 20"]);
            Write(third).ShouldBe(["tcpstat_tcp_passive_opens_total 200"]);
        }
    }

    [Fact]
    public void Alternating_tables_with_the_same_names_allocate_nothing()
    {
        var first = Table(("ActiveOpens", 1), ("InSegs", 2));
        var second = Table((new string("ActiveOpens"), 1), ("InSegs", 2));
        var series = new KernelCounterSeries(KernelCounterGroup.Tcp, all: true, static _ => new Silent());
        Allocated.By(() =>
        {
            series.Set(_subject, first);
            series.Set(_subject, second);
        }).ShouldBe(0);
    }

    private static CounterTable Table(params (string Name, ulong Value)[] counters)
    {
        var table = new CounterTable();
        table.SetNames([.. counters.Select(counter => counter.Name)]);
        counters.Select(counter => counter.Value).ToArray().CopyTo(table.Values);
        return table;
    }

    private string[] Write(CounterTable table)
    {
        _written.Clear();
        _series.Set(_subject, table);
        return [.. _written];
    }

    private sealed class Noted(MetricFamily family, List<string> written) : INumberSeries
    {
        public int Variants => 1;

        public bool IsCounter => false;

        public void Set(Subject subject, int variant, double value) => written.Add($"{family.Name} {value}");
    }

    private sealed class Silent : INumberSeries
    {
        public int Variants => 1;

        public bool IsCounter => false;

        public void Set(Subject subject, int variant, double value)
        {
        }
    }
}
