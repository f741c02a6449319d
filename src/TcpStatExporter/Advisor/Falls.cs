using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>The last time that most connections went at once without this host having closed them.</summary>
internal sealed class Falls
{
    /// <summary>Fewer may go with one client.</summary>
    private const double Fewest = 50;

    private const double Most = 0.5;

    /// <summary>Connections that this host closed itself are in TIME_WAIT. Where both ends are here, one of each two is.</summary>
    private const double NotClosedHere = 0.4;

    /// <summary>What was there for a moment only was a load test, or a batch.</summary>
    private const double Steady = 0.7;

    /// <summary>The last one; none where there was none.</summary>
    public Fall? Last { get; private set; }

    /// <summary>Takes a tick.</summary>
    /// <param name="sample">What was published.</param>
    /// <param name="recent">The seconds before it.</param>
    /// <param name="lately">The minute before it.</param>
    public void Observe(HostSample sample, Stretch recent, Stretch lately)
    {
        if (!sample.Status(SourceId.Snmp).IsOk || !sample.Status(SourceId.Sockstat).IsOk
            || recent.Before is not { Open: { } before, TimeWait: { } timeWait } || lately.Before.Open is not { } longBefore)
        {
            return;
        }

        var open = Mark.OpenOf(sample) ?? before;
        var fell = before - open;
        var closedHere = Math.Max(0, sample.Kernel.Sockstat.TcpTimeWait - timeWait);
        if (fell >= Math.Max(Fewest, Most * before) && fell - closedHere >= NotClosedHere * before && longBefore >= Steady * before && lately.Time > recent.Time
            && !(Last is { } known && sample.SampledAt - known.At < recent.Time))
        {
            Last = new Fall(sample.SampledAt, before, recent.Tcp("EstabResets") ?? 0);
        }
    }
}
