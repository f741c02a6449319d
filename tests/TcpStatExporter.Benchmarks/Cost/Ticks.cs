using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;
using ExporterCommandLine = TcpStatExporter.Commands.CommandLine;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The exporter's ticks and sweeps, run here just as the daemon runs them, with its default options.</summary>
internal sealed class Ticks : IDisposable
{
    private readonly SamplingSetup _setup;

    /// <summary>Puts the daemon's parts together.</summary>
    /// <param name="listenersMax">Most listeners that are remembered; the daemon's default if not given.</param>
    public Ticks(int? listenersMax = null)
    {
        ExporterOptions? options = null;
        var commandLine = new ExporterCommandLine(CommandActions.All(Take));
        _ = commandLine.RunAsync([]).GetAwaiter().GetResult();
        options = options! with { ListenersMax = listenersMax ?? options.ListenersMax };
        _setup = SamplingSetup.Create(options, TimeProvider.System, NullLoggerFactory.Instance);

        Task<int> Take(ExporterOptions taken)
        {
            options = taken;
            return Task.FromResult(0);
        }
    }

    /// <summary>What the last tick published.</summary>
    public NamespaceSample Sample
    {
        get
        {
            using var lease = _setup.Store.Take();
            return lease.Sample;
        }
    }

    /// <summary>One tick.</summary>
    /// <returns>CPU time that it took.</returns>
    public TimeSpan Tick()
    {
        var start = ThreadCpuClock.Now();
        _setup.Sampler.Sample();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>One look at the listeners: read, remembered, published.</summary>
    /// <returns>CPU time that it took.</returns>
    public TimeSpan Listeners()
    {
        var start = ThreadCpuClock.Now();
        _setup.Sampler.SampleListeners();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>One judgement of what the last tick published.</summary>
    /// <returns>CPU time that it took.</returns>
    public TimeSpan Judge()
    {
        var start = ThreadCpuClock.Now();
        _setup.Examiner.Follow();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>One sweep.</summary>
    /// <returns>CPU time that it took.</returns>
    public TimeSpan Sweep() => _setup.Sweeper.Sweep();

    /// <inheritdoc/>
    public void Dispose() => _setup.Dispose();
}
