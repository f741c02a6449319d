using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// The last time that most connections were cut off at once: by a reset or a time-out, and not by this host. Those that
/// peers close in order end the same way as a job that is done, and no counter tells the two apart.
/// </summary>
internal sealed class Falls
{
    /// <summary>Fewer may go with one client.</summary>
    private const double Fewest = 50;

    private const double Most = 0.5;

    /// <summary>Where both ends are here, the end that resets is one of each two.</summary>
    private const double CutOff = 0.4;

    /// <summary>What was there for a moment only was a load test, or a batch.</summary>
    private const double Steady = 0.7;

    /// <summary>The last one; none where there was none.</summary>
    public Fall? Last { get; private set; }

    /// <summary>Takes a tick.</summary>
    /// <param name="sample">What was published.</param>
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
