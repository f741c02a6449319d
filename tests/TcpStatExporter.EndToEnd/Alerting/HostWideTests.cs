using System.Globalization;
using Shouldly;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Faults that affect the whole host. TCPSTAT_HOST_FAULTS=1 enables them. For up to one minute, the kernel shrinks the
/// windows and buffers of every connection of the host.
/// </summary>
public sealed class HostWideTests(ITestOutputHelper output)
{
    [Fact]
    public void Real_memory_pressure_is_reported_from_its_counter()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("TCPSTAT_HOST_FAULTS") != "1", "it strikes the whole host: TCPSTAT_HOST_FAULTS=1 allows it");
        Requires.RootAndIp();
        Requires.Program("prometheus");
        Requires.Program("prometheus-alertmanager");
        var pressure = long.Parse(File.ReadAllText("/proc/sys/net/ipv4/tcp_mem").Split('\t')[1], NumberStyles.None, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        Assert.SkipWhen(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < 2 * pressure, "not enough memory to fill tcp_mem[1] and leave as much free");

        var received = Priority.Raise(() =>
        {
            using var fleet = new Fleet();
            var host = fleet.Add("full-of-data");
            fleet.StartExporters();
            fleet.Monitor();
            using (new BufferedData(host.Namespace, bytes: pressure))
            {
                Wait.Until(() => fleet.Received.Count > 0, () => $"an alert; {fleet.Log}", TimeSpan.FromSeconds(30));
            }

            return fleet.Received;
        });

        // the limits are not visible in a namespace, so only the counter can raise it
        var alert = received.ShouldHaveSingleItem();
        output.WriteLine(alert.Annotations["description"]);
        (alert.Name, alert.Severity, alert.Instance).ShouldBe(("TcpMemoryPressure", "warning", "full-of-data"));
    }
}
