using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// All that is known of a network namespace at one moment: the kernel's words and what has been accumulated from them. Once
/// published it does not change.
/// <c>/metrics</c> and every other view read this, and nothing else.
/// </summary>
internal sealed class NamespaceSample : Leased
{
    private readonly SourceStatistics[] _sources = new SourceStatistics[SourceExtensions.Count];

    /// <summary>Largest count of each state within the peak window; valid where the source sockets is.</summary>
    public TcpStateCounts StatePeaks;

    /// <summary>A state outside the known ones has been seen since the start.</summary>
    public bool HasUnknownState;

    /// <summary>What the kernel counted as lost since the first look, and no listener with series accounts for.</summary>
    public LossCounts Unattributed;

    /// <summary>
    /// Connection-seconds spent in SYN_SENT since the first tick; valid where the source sockets is. Divided by the
    /// connects of the same time (ActiveOpens) it is how long one took on average, by Little's law.
    /// </summary>
    public double SynSentSeconds;

    /// <summary>Listeners that have no series because there are too many.</summary>
    public int ListenersNotExported;

    /// <summary>Datagrams dropped at all bound UDP sockets since the first look, those without a row included; valid where the source udp is.</summary>
    public ulong UdpDrops;

    /// <summary>Ticks that ran.</summary>
    public ulong Samples;

    /// <summary>Ticks that did not run in time.</summary>
    public ulong SamplesMissed;

    /// <summary>When the last tick ended, Unix time in milliseconds; 0 before the first.</summary>
    public long LastSampleUnixMilliseconds;

    /// <summary>Monotonic time at which the last tick ended; zero before the first.</summary>
    public TimeSpan SampledAt;

    /// <summary>Time from the last tick that counted the sockets to the last tick: zero, but where counting them is too dear for each; valid where the source sockets is.</summary>
    public TimeSpan StatesAge;

    /// <summary>Monotonic time at which the listeners were read last.</summary>
    public TimeSpan ListenersAt;

    /// <summary>That tick is too old to speak of now: every source of it counts as failed, for being stale.</summary>
    public bool IsStale;

    /// <summary>When sampling began, Unix time in milliseconds.</summary>
    public long StartUnixMilliseconds;

    /// <summary>Window of the peaks.</summary>
    public TimeSpan PeakWindow;

    /// <summary>What is known of the host.</summary>
    public HostFacts Host;

    /// <summary>The kernel's words.</summary>
    public TcpSnapshot Kernel { get; } = new();

    /// <summary>Listeners that are there now; valid where the source listeners is.</summary>
    public ValueList<ListenerSample> Listeners { get; } = new();

    /// <summary>
    /// How long connections waited to be accepted, in seconds: one observation a look, by <see cref="QueueWaits.SecondsBounds"/>.
    /// A row for each listener whose queue was ever seen in use.
    /// </summary>
    public ValueList<Histogram> Waits { get; } = new();

    /// <summary>For each socket of <see cref="TcpSnapshot.Listeners"/> its row in <see cref="Listeners"/>; −1 where it has none.</summary>
    public ValueList<int> ListenerRows { get; } = new();

    /// <summary>Listeners that went within the last hour; valid where the source listeners is.</summary>
    public ValueList<ClosedListener> Closed { get; } = new();

    /// <summary>
    /// The destinations and units with most connections in SYN_SENT, of those that had some at every sample of the last
    /// three seconds, most first; valid where the source sockets is.
    /// </summary>
    public ValueList<HolderSample> SynSentDestinations { get; } = new();

    /// <summary>
    /// The units, and destinations, with most connections in CLOSE_WAIT that a process holds, of those that had some at
    /// every sample of the last three seconds, most first; valid where the source sockets is.
    /// </summary>
    public ValueList<HolderSample> CloseWaitHolders { get; } = new();

    /// <summary>The bound UDP sockets that dropped most, and the fullest; valid where the source udp is.</summary>
    public ValueList<UdpSample> UdpReceivers { get; } = new();

    /// <summary>What the last sweep found.</summary>
    public SweepSample Sweep { get; set; } = new();

    /// <summary>Monotonic time of the last tick that counted the sockets.</summary>
    public TimeSpan StatesAt => SampledAt - StatesAge;

    /// <summary>How a source has fared since the start.</summary>
    /// <param name="id">The source.</param>
    public ref SourceStatistics this[SourceId id] => ref _sources[(int)id];

    /// <summary>What came of a source the last time it was to be read.</summary>
    /// <param name="id">The source.</param>
    public ReadResult Status(SourceId id) => id switch
    {
        SourceId.Sweep => Sweep.Status,
        SourceId.Advisor => Host.Status,
        SourceId.Softnet => Host.SoftnetStatus,
        _ => Kernel[id],
    };

    /// <summary>Makes <paramref name="other"/> hold the same, but for the sweep, which has a pace of its own.</summary>
    /// <param name="other">The sample to overwrite.</param>
    public void CopyTickTo(NamespaceSample other)
    {
        var sweep = other[SourceId.Sweep];
        _sources.CopyTo(other._sources, 0);
        other[SourceId.Sweep] = sweep;
        other.IsStale = false;
        other.Host = Host;
        other.StatePeaks = StatePeaks;
        other.HasUnknownState = HasUnknownState;
        other.Unattributed = Unattributed;
        other.SynSentSeconds = SynSentSeconds;
        other.ListenersNotExported = ListenersNotExported;
        other.Samples = Samples;
        other.SamplesMissed = SamplesMissed;
        other.LastSampleUnixMilliseconds = LastSampleUnixMilliseconds;
        other.SampledAt = SampledAt;
        other.StatesAge = StatesAge;
        other.ListenersAt = ListenersAt;
        other.StartUnixMilliseconds = StartUnixMilliseconds;
        other.PeakWindow = PeakWindow;
        Kernel.CopyTo(other.Kernel);
        Listeners.CopyTo(other.Listeners);
        Waits.CopyTo(other.Waits);
        ListenerRows.CopyTo(other.ListenerRows);
        Closed.CopyTo(other.Closed);
        SynSentDestinations.CopyTo(other.SynSentDestinations);
        CloseWaitHolders.CopyTo(other.CloseWaitHolders);
        UdpReceivers.CopyTo(other.UdpReceivers);
        other.UdpDrops = UdpDrops;
    }
}
