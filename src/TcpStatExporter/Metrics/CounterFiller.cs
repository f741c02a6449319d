using TcpStatExporter.Counters;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>Fills the families of one group of the kernel's counters.</summary>
/// <param name="group">The group.</param>
/// <param name="series">Its series.</param>
internal sealed class CounterFiller(KernelCounterGroup group, KernelCounterSeries series) : IFiller
{
    private readonly SourceId _source = group == KernelCounterGroup.Tcp ? SourceId.Snmp : SourceId.Netstat;

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            if (one.Sample.Status(_source).IsOk)
            {
                series.Set(one.Subject, group == KernelCounterGroup.Tcp ? one.Sample.Kernel.Snmp : one.Sample.Kernel.Netstat);
            }
        }
    }
}
