using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>The unit that owns a listener, by its cgroup.</summary>
public sealed class OwnerTests
{
    private const string Unit = "web.service";

    // another run may be active
    private static readonly string Slice = $"tcpstat-{Environment.ProcessId}.slice";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_listener_shows_the_unit_of_its_cgroup_and_others_show_none(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup(Slice, Unit);
        using var exporter = ExporterProcess.Start(ns, asNobody, arguments: ["--sample.interval=100ms"]);

        // any program that listens: a second exporter, started inside; the first one has not seen this cgroup before
        using (var service = ExporterProcess.Start(ns, launcher: ["sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", cgroup.Processes]))
        {
            Wait.Until(
                () => UnitOf(exporter, service) == Unit,
                () => $"unit {Unit}, is '{UnitOf(exporter, service)}'",
                TimeSpan.FromSeconds(15),
                TimeSpan.FromMilliseconds(100));

            UnitOf(exporter, exporter).ShouldNotBe(Unit, StringComparer.Ordinal);
            if (OwnCgroup() is "/")
            {
                UnitOf(exporter, exporter).ShouldBe("");
            }

            exporter.ScrapeFresh().Samples("tcpstat_listen_queue_limit").Count(sample => sample["unit"] == Unit).ShouldBe(1);
        }

        exporter.ScrapeFresh().Samples("tcpstat_listen_sockets").ShouldHaveSingleItem();
    }

    private static string UnitOf(ExporterProcess exporter, ExporterProcess listener) =>
        exporter.ScrapeFresh().OfListener("tcpstat_listen_sockets", listener.Web)?["unit"] ?? "no listener";

    private static string? OwnCgroup() =>
        Array.Find(File.ReadAllLines("/proc/self/cgroup"), line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
}
