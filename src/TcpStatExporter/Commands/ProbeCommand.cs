using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Sources;

namespace TcpStatExporter.Commands;

/// <summary>
/// Checks the accept queue of one port once, in its own network namespace. For a probe inside a pod, and for a load balancer
/// that asks a host for its weight.
/// </summary>
internal static class ProbeCommand
{
    private const int Unwell = 1;

    /// <summary>Checks, and prints one line.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="probe">Options of the probe command.</param>
    /// <returns>
    /// 0 if the fill of every listener on the port is at or below the limit. 1 if one is above it, or there is no listener.
    /// </returns>
    /// <exception cref="SourceRefusedException">The limits of accept queues cannot be read.</exception>
    public static async Task<int> RunAsync(ExporterOptions options, ProbeOptions probe)
    {
        // all listeners, however many there are; netlink, because procfs does not report the limits
        options = TimedRun.Adapt(options) with { Source = SourceChoice.Netlink };
        using var sampling = SamplingSetup.Create(options, TimeProvider.System, NullLoggerFactory.Instance);
        sampling.Sampler.SampleListeners();
        if (probe.MaxWait is not null && sampling.Sampler.HasQueues)
        {
            sampling.Sampler.LookAtQueues();
            sampling.Sampler.SampleListeners();
        }

        using var lease = sampling.Store.Take();
        var (isWell, line) = Judge(lease.Sample, probe);
        await Console.Out.WriteAsync($"{line}\n");
        return isWell ? 0 : Unwell;
    }

    /// <summary>Returns the line to print for a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="probe">Options of the probe command.</param>
    internal static (bool IsWell, string Line) Judge(NamespaceSample sample, ProbeOptions probe)
    {
        if (!sample.Status(SourceId.Listeners).IsOk)
        {
            return (false, probe.IsForHaproxy ? "down #the listeners cannot be read" : "The listeners cannot be read.");
        }

        ListenerSample? fullest = null;
        var wait = 0.0;
        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            if (listener.Identity.Port == probe.Port && listener is { HasWaits: true, OldestSeconds: var oldest } && oldest > wait)
            {
                wait = oldest;
            }

            if (listener.Identity.Port == probe.Port && !(fullest?.FillRatio >= listener.FillRatio))
            {
                fullest = listener;
            }
        }

        if (fullest is not { } worst)
        {
            return (false, probe.IsForHaproxy ? $"down #nothing listens on port {probe.Port}" : $"Nothing listens on port {probe.Port}.");
        }

        if (probe.MaxWait is { TotalSeconds: var max } && wait > max)
        {
            var waited = $"the oldest connection has waited {Words.Seconds(wait)}";
            return (false, probe.IsForHaproxy ? $"down #{waited}" : $"Port {probe.Port}: {waited}, above {Words.Seconds(max)}.");
        }

        var isWell = worst.FillRatio <= probe.MaxFill;
        if (probe.IsForHaproxy)
        {
            // full weight for an empty queue, down to none at the limit; a server that is not down gets at least 1%
            var weight = Math.Max(1, (int)Math.Round(100 * (1 - (worst.FillRatio / probe.MaxFill))));
            return (isWell, isWell ? string.Create(CultureInfo.InvariantCulture, $"up {weight}%") : $"down #accept queue {Fill(worst)}");
        }

        return (isWell, $"Port {probe.Port}: accept queue {Fill(worst)}, {(isWell ? "within" : "above")} {Percent(probe.MaxFill)}.");
    }

    private static string Fill(in ListenerSample listener) =>
        string.Create(CultureInfo.InvariantCulture, $"{listener.QueueLength} of {listener.QueueLimit}, {Percent(listener.FillRatio)} full");

    private static string Percent(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{100 * ratio:0.#} %");
}
