using Microsoft.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.Sources;

namespace TcpStatExporter.Commands;

/// <summary>The parts that sample one network namespace, put together as the command line asked.</summary>
internal sealed class SamplingSetup : IDisposable
{
    private readonly HostFactsReader _host;

    private SamplingSetup(HostFactsReader host, SampleStore store, AdviceStore advice, Sampler sampler, Sweeper sweeper, Examiner examiner)
    {
        _host = host;
        Store = store;
        Advice = advice;
        Sampler = sampler;
        Sweeper = sweeper;
        Examiner = examiner;
    }

    /// <summary>Where samples are published.</summary>
    public SampleStore Store { get; }

    /// <summary>Where advice is published.</summary>
    public AdviceStore Advice { get; }

    /// <summary>Runs a tick.</summary>
    public Sampler Sampler { get; }

    /// <summary>Runs a sweep.</summary>
    public Sweeper Sweeper { get; }

    /// <summary>Judges what was sampled.</summary>
    public Examiner Examiner { get; }

    /// <summary>Puts the parts together.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="loggers">Makes loggers.</param>
    /// <param name="open">Opens a netlink socket in the namespace that the root of procfs shows; in the calling thread's if not given.</param>
    /// <param name="freshness">Age up to which a sample is served as one of now; without end where who samples is who reads.</param>
    /// <param name="budget">What looks at the whole table of connections may cost; null: no limit, and a count of the sockets at each tick.</param>
    /// <param name="stopping">Ends a tick or sweep that is under way: it publishes nothing then.</param>
    /// <exception cref="SourceRefusedException">A source that was insisted on cannot be had.</exception>
    public static SamplingSetup Create(
        ExporterOptions options, TimeProvider time, ILoggerFactory loggers, NetlinkOpener? open = null, TimeSpan? freshness = null, CpuBudget? budget = null, CancellationToken stopping = default)
    {
        var store = new SampleStore(time, freshness ?? TimeSpan.MaxValue);
        var advice = new AdviceStore();
        var host = new HostFactsReader(
            new MachineSource(options.ProcfsRoot), freshness is null ? TimeSpan.Zero : HostFactsReader.DaemonPace, time, loggers.CreateLogger<HostFactsReader>());
        var net = NetNamespace.OfProcfs(options.ProcfsRoot, open);
        var sources = new SourceFactory(options.Source, net, loggers.CreateLogger<SourceFactory>(), stopping, time);
        Func<ulong, string?> unitOf = sources.TellsOwners ? new CgroupTree(CgroupTree.FindMount(options.ProcfsRoot), time).UnitOf : static _ => "";
        var listeners = new ListenerTable(options.PeakWindow, options.ListenersMax, options.ListenerFilter.Selects, unitOf, new InterfaceNames(net, time).NameOf);
        var tally = new SweepTally(unitOf);
        var sampler = new Sampler(
            sources.CreateTickSources(budget), listeners, new StuckTable(unitOf), host, options.PeakWindow, store, time, loggers.CreateLogger<Sampler>(), stopping);
        var sweeper = new Sweeper(sources.CreateSweepSource(tally), tally, store, time, loggers.CreateLogger<Sweeper>(), stopping);
        var examiner = new Examiner(RuleBook.All, store, advice, time, loggers.CreateLogger<Examiner>());
        return new SamplingSetup(host, store, advice, sampler, sweeper, examiner);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sampler.Dispose();
        Sweeper.Dispose();
        Examiner.Dispose();
        _host.Dispose();
    }
}
