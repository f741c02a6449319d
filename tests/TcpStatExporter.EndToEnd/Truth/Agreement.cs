using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>Compares the exporter with the standard tools.</summary>
internal static class Agreement
{
    private const int Tries = 20;

    /// <summary>
    /// Compares all values with the tools, at a moment in which the tools report the same before and after. The kernel's own
    /// timers may change a value at any time.
    /// </summary>
    /// <param name="exporter">The exporter.</param>
    /// <param name="ns">The namespace that it runs in.</param>
    /// <param name="isProcfs">It reads only procfs, so limits and drops of listeners are absent.</param>
    /// <returns>The scrape that matched.</returns>
    public static Scrape ShouldAgreeWithTools(this ExporterProcess exporter, NetNamespace ns, bool isProcfs = false)
    {
        for (var i = 0; i < Tries; i++)
        {
            var before = Figures.ByTools(ns, isProcfs);
            var scrape = exporter.ScrapeFresh();
            if (before.Equals(Figures.ByTools(ns, isProcfs), StringComparison.Ordinal))
            {
                Figures.ByExporter(scrape).ShouldBe(before);
                return scrape;
            }
        }

        throw new TimeoutException("the figures never stood still");
    }
}
