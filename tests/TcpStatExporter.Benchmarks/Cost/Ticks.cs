using Microsoft.Extensions.Logging.Abstractions;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;
using ExporterCommandLine = TcpStatExporter.Commands.CommandLine;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The exporter's ticks and sweeps, run here exactly as in the daemon, with its default options.</summary>
internal sealed class Ticks : IDisposable
{
    private readonly SamplingSetup _setup;

    /// <summary>Assembles the parts of the daemon.</summary>
    /// <param name="listenersMax">Maximum number of remembered listeners. Default: the daemon's.</param>
    /// <param name="hasUnixListeners">Read AF_UNIX listeners.</param>
    public Ticks(int? listenersMax = null, bool hasUnixListeners = true)
    {
        ExporterOptions? options = null;
        var commandLine = new ExporterCommandLine(CommandActions.All(Take));
        _ = commandLine.RunAsync([]).GetAwaiter().GetResult();
        options = options! with { ListenersMax = listenersMax ?? options.ListenersMax, HasUnixListeners = hasUnixListeners };
        _setup = SamplingSetup.Create(options, TimeProvider.System, NullLoggerFactory.Instance);

        Task<int> Take(ExporterOptions taken)
        {
            options = taken;
            return Task.FromResult(0);
        }
    }

    /// <summary>The last published sample.</summary>
    public NamespaceSample Sample
    {
        get
        {
            using var lease = _setup.Store.Take();
            return lease.Sample;
        }
    }

    /// <summary>Runs one tick.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Tick()
    {
        var start = ThreadCpuClock.Now();
        _setup.Sampler.Sample();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>Processes the listeners once: reads, remembers and publishes them.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Listeners()
    {
        var start = ThreadCpuClock.Now();
        _setup.Sampler.SampleListeners();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>Measures the waits in the accept queues that are in use.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan LookAtQueues()
    {
        var start = ThreadCpuClock.Now();
        _setup.Sampler.LookAtQueues();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>Judges the last published sample once.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Judge()
    {
        var start = ThreadCpuClock.Now();
        _setup.Examiner.Follow();
        return ThreadCpuClock.Now() - start;
    }

    /// <summary>Runs one sweep.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Sweep() => _setup.Sweeper.Sweep();

    /// <inheritdoc/>
    public void Dispose() => _setup.Dispose();
}
