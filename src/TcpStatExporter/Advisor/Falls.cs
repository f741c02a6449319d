using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Detects when most connections were cut off at once, by a reset or a timeout and not by this host. If peers close
/// connections normally, it looks like a finished job, and no counter shows the difference.
/// </summary>
internal sealed class Falls
{
    /// <summary>A smaller number may disappear together with one client.</summary>
    private const double Fewest = 50;

    private const double Most = 0.5;

    /// <summary>If both ends are on this host, only one of the two ends counts as reset.</summary>
    private const double CutOff = 0.4;

    /// <summary>Connections that existed only for a moment were a load test or a batch.</summary>
    private const double Steady = 0.7;

    /// <summary>The last event. Null if there was none.</summary>
    public Fall? Last { get; private set; }

    /// <summary>Records a tick.</summary>
    /// <param name="sample">The published sample.</param>
    /// <param name="recent">The seconds before it.</param>
    /// <param name="lately">The minute before it.</param>
    public void Observe(NamespaceSample sample, Stretch recent, Stretch lately)
    {
        if (!sample.Status(SourceId.Snmp).IsOk || !sample.Status(SourceId.Netstat).IsOk
            || recent.Before.Open is not { } before || lately.Before.Open is not { } longBefore)
        {
            return;
        }

        var open = Mark.OpenOf(sample) ?? before;
        var fell = before - open;
        if (fell < Math.Max(Fewest, Most * before))
        {
            return;
        }

        var aborted = (recent.TcpExt("TCPAbortOnClose") ?? 0) + (recent.TcpExt("TCPAbortOnData") ?? 0);
        var resets = recent.Tcp("EstabResets") ?? 0;
        resets -= Math.Min(resets, aborted);
        if (resets >= CutOff * fell && longBefore >= Steady * before && lately.Time > recent.Time
            && !(Last is { } known && sample.SampledAt - known.At < recent.Time))
        {
            Last = new Fall(sample.SampledAt, before, resets);
        }
    }
}
