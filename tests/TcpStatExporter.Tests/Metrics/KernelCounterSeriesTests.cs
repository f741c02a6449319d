using System.Text;
using Shouldly;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed class KernelCounterSeriesTests
{
    private readonly ExpositionBuffer _buffer = new();
    private readonly KernelCounterSeries _series = new(KernelCounterGroup.Tcp, all: true);

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
    public void Tables_with_the_same_names_in_turn_allocate_nothing()
    {
        var first = Table(("ActiveOpens", 1), ("InSegs", 2));
        var second = Table((new string("ActiveOpens"), 1), ("InSegs", 2));
        var writer = new ExpositionWriter(_buffer);
        Allocated.By(() =>
        {
            writer.Begin(ExpositionFormat.PrometheusText);
            _series.Write(writer, first);
            _series.Write(writer, second);
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
        var writer = new ExpositionWriter(_buffer);
        writer.Begin(ExpositionFormat.PrometheusText);
        _series.Write(writer, table);
        writer.End();
        return [.. Encoding.UTF8.GetString(_buffer.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')];
    }
}
