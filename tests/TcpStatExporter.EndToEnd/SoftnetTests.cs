using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>What the processors of this host dropped and postponed, between two reads of the kernel's own file.</summary>
public sealed class SoftnetTests
{
    [Fact]
    public void Drops_and_squeezes_match_the_kernel()
    {
        using var ns = NetNamespace.Create();
        var before = Kernel();
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sample.interval=100ms"]);
        var scrape = exporter.ScrapeFresh();
        var after = Kernel();
        scrape.Value("tcpstat_softnet_dropped_total").ShouldBeInRange(before.Dropped, after.Dropped);
        scrape.Value("tcpstat_softnet_squeezed_total").ShouldBeInRange(before.Squeezed, after.Squeezed);
        scrape.Value("tcpstat_source_up", ("source", "softnet")).ShouldBe(1);
    }

    private static (double Dropped, double Squeezed) Kernel()
    {
        var lines = File.ReadAllLines("/proc/net/softnet_stat").Select(line => line.Split(' ')).ToArray();
        return (Sum(1), Sum(2));

        double Sum(int column) => lines.Sum(line => uint.Parse(line[column], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }
}
