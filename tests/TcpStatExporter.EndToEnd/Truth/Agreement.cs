using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Truth;

/// <summary>Holds the exporter against the standard tools.</summary>
internal static class Agreement
{
    private const int Tries = 20;

    /// <summary>
    /// Compares every figure with what the tools say, of a moment in which they say the same before and after it: the
    /// kernel's own timers may move a figure at any time.
    /// </summary>
    /// <param name="exporter">The exporter.</param>
    /// <param name="ns">Where it runs.</param>
    /// <param name="isProcfs">It reads procfs alone, so that limits and drops of listeners are absent.</param>
    /// <returns>The scrape that agreed.</returns>
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
