using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Metrics;

/// <summary>Fills the family of findings: one series for each rule that could be checked.</summary>
/// <param name="series">The series, in the order of the rule book.</param>
internal sealed class FindingFiller(INumberSeries series) : IFiller
{
    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<NamespaceSeries> namespaces)
    {
        foreach (var one in namespaces)
        {
            if (!one.Sample.Host.Status(HostSourceId.Machine).IsOk || one.Sample.IsStale)
            {
                continue;
            }

            foreach (var judged in one.Advice.Judged)
            {
                if (judged.RuleResult.Reason is null)
                {
                    series.Set(one.Subject, MetricLabels.FindingOf(judged.Rule), judged.RuleResult.Finding is null ? 0 : 1);
                }
            }
        }
    }
}
