using System.Text;
using Serilog.Extensions.Logging;
using TcpStatExporter.Logging;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Commands;

/// <summary>
/// Takes two samples and prints one exposition to stdout. It has no metrics about its own process, which has ended by the
/// time node_exporter's textfile collector reads the output. They would also clash with node_exporter's own <c>process_*</c>.
/// </summary>
internal static class OnceCommand
{
    /// <summary>Exit code if no source could be read.</summary>
    private const int NothingRead = 1;

    /// <summary>Samples, waits one interval, samples again and prints.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="once">Options of the once command.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(ExporterOptions options, OnceOptions once)
    {
        using var log = LogSetup.Create(options.LogLevel, options.LogFormat);
        using var loggers = new SerilogLoggerFactory(log);
        using var sampling = SamplingSetup.Create(options, TimeProvider.System, loggers);

        sampling.Sampler.Sample();
        sampling.Examiner.Begin();
        await Task.Delay(options.SampleInterval);
        sampling.Sampler.LookAtQueues();
        var good = sampling.Sampler.Sample();
        sampling.Sweeper.Sweep();
        sampling.Examiner.Examine();

        using var page = new MemoryStream();
        new MetricsPage(sampling.Store, sampling.Advice, process: null, options.AllCounters, netns: once.NetnsLabel).Render(page, ExpositionFormat.PrometheusText);
        await Console.Out.WriteAsync(Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length));
        return good ? 0 : NothingRead;
    }
}
