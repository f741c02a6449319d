using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>Fills the families of one group of kernel counters.</summary>
/// <param name="group">The group.</param>
/// <param name="series">The series of the group.</param>
internal sealed class CounterFiller(KernelCounterGroup group, KernelCounterSeries series) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            var (source, table) = Of(one.Sample.Kernel);
            if (one.Sample.Status(source).IsOk)
            {
                series.Set(one.Subject, table, one.IsHeld);
            }
        }
    }

    private (SourceId Source, CounterTable Table) Of(TcpSnapshot kernel) => group switch
    {
        KernelCounterGroup.Tcp => (SourceId.Snmp, kernel.Snmp),
        KernelCounterGroup.TcpExt => (SourceId.Netstat, kernel.Netstat),
        KernelCounterGroup.MPTcpExt => (SourceId.Netstat, kernel.Mptcp),
        KernelCounterGroup.Udp => (SourceId.Snmp, kernel.UdpCounters),
        _ => (SourceId.Snmp, kernel.Udp6Counters),
    };
}
