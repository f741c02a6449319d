using Microsoft.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Cgroup;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Metrics;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.View;

namespace TcpStatExporter.Commands;

/// <summary>
/// Builds the parts that sample and judge network namespaces, according to the command line. They share the facts of the
/// host, the names of units and one CPU budget.
/// </summary>
internal sealed class SamplingSetup : IDisposable
{
    /// <summary>Where iproute2 keeps named network namespaces (ip-netns(8)).</summary>
    private const string NamedFolder = "/run/netns";

    /// <summary>The most that full scans of other network namespaces may take of the CPU budget, while they need it.</summary>
    private const double ShareOfNamespaces = 0.5;

    /// <summary>Percent of a core for them in a command that a person waits for.</summary>
    private const double PercentForPerson = 20;

    /// <summary>Maximum number of UDP receivers with their own series.</summary>
    private const int MaxUdpReceivers = 32;

    private readonly ExporterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly TimeSpan _freshness;
    private readonly TimeSpan _slowPace;
    private readonly CpuBudget? _budget;
    private readonly CancellationToken _stopping;
    private readonly HostFactsReader _host;
    private readonly Lazy<CgroupTree> _units;
    private readonly UnixOwners _unixOwners;
    private readonly List<NamespaceAdvice> _advice = [];

    private SamplingSetup(
        ExporterOptions options, TimeProvider time, ILoggerFactory loggers, NetlinkOpener? open, TimeSpan? freshness, CpuBudget? budget, CancellationToken stopping)
    {
        _options = options;
        _time = time;
        _loggers = loggers;
        _freshness = freshness ?? TimeSpan.MaxValue;

        // a command that takes only two samples needs everything in both
        _slowPace = freshness is null ? TimeSpan.Zero : ReadingPace.OfDaemon;
        _budget = budget;
        _stopping = stopping;
        _host = new HostFactsReader(
            new MachineSource(options.ProcfsRoot), new SoftnetSource(options.ProcfsRoot), freshness is null ? TimeSpan.Zero : HostFactsReader.DaemonPace, time, loggers.CreateLogger<HostFactsReader>());
        var isDaemon = freshness is not null;
        _unixOwners = new UnixOwners(options.ProcfsRoot, new ReadingPace(isDaemon ? UnixOwners.PaceOfDaemon : TimeSpan.Zero, time, ThreadCpuClock.Now), isAwaited: !isDaemon);
        var cgroups = new Lazy<CgroupMount?>(() => CgroupTree.FindMount(options.ProcfsRoot));
        _units = new Lazy<CgroupTree>(() => new CgroupTree(cgroups.Value, time));
        Namespaces = new NamespaceRegistry(
            [Add("", NetNamespace.OfProcfs(options.ProcfsRoot, open), RuleBook.All), .. options.NamedNamespaces.Select(name => Add(name, Open(name), RuleBook.OfNamespace))]);
        if (options.Netns.Mode != NetnsMode.Off)
        {
            Netns = new NetnsWatch(
                isDaemon ? options.Netns with { CgroupFolder = cgroups.Value?.Path } : options.Netns,
                freshness is null ? TimeSpan.MaxValue : Freshness.Of(options.Netns.Interval),
                time,
                loggers.CreateLogger<NetnsWatch>(),
                opener: OpenerFor(options),
                unitOf: id => _units.Value.UnitOf(id),
                budget: budget?.Part(ShareOfNamespaces) ?? new CpuBudget(PercentForPerson));
            NetnsAdvices = new NetnsAdvices(Netns, one => JudgeOf(one.Store, RuleBook.OfNamespace, one.Identity.Name));
        }
    }

    /// <summary>Watches the namespaces that come and go; null if they are not watched.</summary>
    public NetnsWatch? Netns { get; }

    /// <summary>What judges them; null if they are not watched.</summary>
    public NetnsAdvices? NetnsAdvices { get; }

    /// <summary>What has series of them; null if they are not watched.</summary>
    public OtherNamespaces? Others => Netns is null || NetnsAdvices is null ? null : new OtherNamespaces(
        () => [.. NetnsAdvices.All.Select(one => new PublishedNamespace(one.Watched.Identity.Name, one.Watched.Store, one.Judge.Advice, one.Watched))],
        () => Netns.Totals);

    /// <summary>Views of them; null if they are not watched.</summary>
    public NetnsViews? NetnsViews => Netns is null || NetnsAdvices is null ? null : new NetnsViews(Netns, NetnsAdvices, Environment.MachineName);

    /// <summary>The sampled namespaces. The host's own is first.</summary>
    public NamespaceRegistry Namespaces { get; }

    /// <summary>The advice for each namespace, in the same order.</summary>
    public IReadOnlyList<NamespaceAdvice> Advices => _advice;

    /// <summary>The namespaces with series, in the same order.</summary>
    public IReadOnlyList<PublishedNamespace> Published => [.. _advice.Select((advice, i) => new PublishedNamespace(Namespaces.All[i].Name, advice.Store, advice.Advice))];

    /// <summary>Samples of the host's own namespace.</summary>
    public SampleStore Store => Namespaces.Host.Store;

    /// <summary>Advice on the host's own namespace.</summary>
    public AdviceStore Advice => _advice[0].Advice;

    /// <summary>Samples the host's own namespace.</summary>
    public Sampler Sampler => Namespaces.Host.Sampler;

    /// <summary>Sweeps the host's own namespace.</summary>
    public Sweeper Sweeper => Namespaces.Host.Sweeper;

    /// <summary>Judges the host's own namespace.</summary>
    public Examiner Examiner => _advice[0].Examiner;

    /// <summary>Builds the parts.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="loggers">Makes loggers.</param>
    /// <param name="open">
    /// Opens a netlink socket in the namespace that the procfs root shows. Default: in the calling thread's namespace.
    /// </param>
    /// <param name="freshness">Maximum age at which a sample is served as current. Unlimited if the same command samples and reads.</param>
    /// <param name="budget">CPU limit for full socket scans. Null: no limit, and the sockets are counted in every tick.</param>
    /// <param name="stopping">Cancels a running tick or sweep, which then publishes nothing.</param>
    /// <exception cref="SourceRefusedException">A source or namespace that the user requires is not available.</exception>
    public static SamplingSetup Create(
        ExporterOptions options, TimeProvider time, ILoggerFactory loggers, NetlinkOpener? open = null, TimeSpan? freshness = null, CpuBudget? budget = null, CancellationToken stopping = default) =>
        new(options, time, loggers, open, freshness, budget, stopping);

    /// <inheritdoc/>
    public void Dispose()
    {
        Namespaces.Dispose();
        NetnsAdvices?.Dispose();
        Netns?.Dispose();
        _advice.ForEach(advice => advice.Dispose());
        _host.Dispose();
    }

    private static NetNamespace Open(string name) => NetNamespace.TryOpen(Path.Combine(NamedFolder, name), out var net, out var errno)
        ? net
        : throw new SourceRefusedException(errno == Errno.EPERM
            ? $"Network namespace {name}: the exporter needs CAP_SYS_ADMIN to enter it."
            : $"Network namespace {name}: {NamedFolder}/{name} cannot be opened (errno {errno}).");

    /// <summary>Returns what opens sockets in other network namespaces. Null if they are not to be opened.</summary>
    private static INetnsOpener? OpenerFor(ExporterOptions options) => options switch
    {
        { Netns.Mode: NetnsMode.Counters } or { Source: SourceChoice.Procfs } => null,
        { Netns.MayEnter: true } when NetnsSelfOpener.IsAllowed => new NetnsSelfOpener(),
        _ => new NetnsOpenerClient(options.Netns.OpenerPath),
    };

    private NamespaceAdvice JudgeOf(SampleStore store, IReadOnlyList<IRule> rules, string name)
    {
        var latest = new AdviceStore();
        var examiner = new Examiner(rules, store, latest, _time, _loggers.CreateLogger<Examiner>())
        {
            Place = name.Length == 0 ? "this host" : "this network namespace",
            Runbooks = new Runbooks(_options.RunbooksUrl),
        };
        return new NamespaceAdvice(store, latest, examiner, new IncidentLog(_loggers.CreateLogger<IncidentLog>(), name));
    }

    private NamespaceSampling Add(string name, NetNamespace net, IReadOnlyList<IRule> rules)
    {
        var store = new SampleStore(_time, _freshness);
        var sources = new SourceFactory(_options.Source, net, _loggers.CreateLogger<SourceFactory>(), _stopping, _time, _slowPace);
        Func<ulong, string?> unitOf = sources.TellsOwners ? _units.Value.UnitOf : static _ => "";
        var interfaces = new InterfaceNames(net, _time);
        var listeners = new ListenerTable(
            _options.PeakWindow, _options.ListenersMax, _options.ListenerFilter.Selects, unitOf, interfaces.NameOf, name);
        var tally = new SweepTally(unitOf);
        var unix = _options.HasUnixListeners ? new UnixTable(_options.UnixListenersMax, _options.PeakWindow, _unixOwners, name) : null;
        var sampler = new Sampler(
            sources.CreateTickSources(_budget, unix), listeners, new StuckTable(unitOf), _host, _options.PeakWindow, store, _time, _loggers.CreateLogger<Sampler>(),
            new UdpTable(MaxUdpReceivers, unitOf, interfaces.NameOf, name), sources.CreateQueueWatch(_budget), unix, _stopping);
        var sweeper = new Sweeper(sources.CreateSweepSource(tally), tally, store, _time, _loggers.CreateLogger<Sweeper>(), _stopping);
        _advice.Add(JudgeOf(store, rules, name));
        return new NamespaceSampling(name, net, store, sampler, sweeper, _options.SampleInterval, _options.ListenersInterval);
    }
}
