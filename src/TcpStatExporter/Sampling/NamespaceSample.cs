using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Everything known about a network namespace at one moment: the values from the kernel and what has been accumulated from
/// them. Immutable once published. <c>/metrics</c> and all other views read only this.
/// </summary>
internal sealed class NamespaceSample : Leased
{
    private readonly SourceStatistics[] _sources = new SourceStatistics[SourceExtensions.Count];

    /// <summary>Maximum count of each state in the peak window. Valid if the source sockets is.</summary>
    public TcpStateCounts StatePeaks;

    /// <summary>An unknown state has been seen since the start.</summary>
    public bool HasUnknownState;

    /// <summary>Losses counted by the kernel since the first read that no listener with series accounts for.</summary>
    public LossCounts Unattributed;

    /// <summary>
    /// Connection-seconds spent in SYN_SENT since the first tick. Valid if the source sockets is. Divided by the number of
    /// connects in the same time (ActiveOpens), it is the average duration of a connect, by Little's law.
    /// </summary>
    public double SynSentSeconds;

    /// <summary>Number of listeners without series, because there are too many.</summary>
    public int ListenersNotExported;

    /// <summary>
    /// Datagrams dropped at all bound UDP sockets since the first read, including those without a row. Valid if the source
    /// udp is.
    /// </summary>
    public ulong UdpDrops;

    /// <summary>AF_UNIX sockets with a name that listen and are in no row; valid where the source unix is.</summary>
    public int UnixListenersNotExported;

    /// <summary>Number of ticks that ran.</summary>
    public ulong Samples;

    /// <summary>Number of ticks that did not run in time.</summary>
    public ulong SamplesMissed;

    /// <summary>When the last tick ended, in Unix milliseconds. 0 before the first tick.</summary>
    public long LastSampleUnixMilliseconds;

    /// <summary>Monotonic time at which the last tick ended. Zero before the first tick.</summary>
    public TimeSpan SampledAt;

    /// <summary>
    /// Time from the last tick that counted the sockets to the last tick. Zero unless counting them in each tick is too
    /// expensive. Valid if the source sockets is.
    /// </summary>
    public TimeSpan StatesAge;

    /// <summary>Monotonic time at which the listeners were last read.</summary>
    public TimeSpan ListenersAt;

    /// <summary>The tick is too old to be shown as current: all of its sources count as failed, because they are stale.</summary>
    public bool IsStale;

    /// <summary>When sampling began, in Unix milliseconds.</summary>
    public long StartUnixMilliseconds;

    /// <summary>Window of the peaks.</summary>
    public TimeSpan PeakWindow;

    /// <summary>What is known about the host.</summary>
    public HostFacts Host;

    /// <summary>The values from the kernel.</summary>
    public TcpSnapshot Kernel { get; } = new();

    /// <summary>The open listeners. Valid if the source listeners is.</summary>
    public ValueList<ListenerSample> Listeners { get; } = new();

    /// <summary>
    /// How long connections waited to be accepted, in seconds: one observation each time the queues are examined, by <see
    /// cref="QueueWaits.SecondsBounds"/>. One row for each listener whose queue was ever seen in use.
    /// </summary>
    public ValueList<Histogram> Waits { get; } = new();

    /// <summary>
    /// For each socket in <see cref="TcpSnapshot.Listeners"/>, the index of its row in <see cref="Listeners"/>. −1 if it has
    /// none.
    /// </summary>
    public ValueList<int> ListenerRows { get; } = new();

    /// <summary>Listeners that closed within the last hour. Valid if the source listeners is.</summary>
    public ValueList<ClosedListener> Closed { get; } = new();

    /// <summary>
    /// The destinations and units with the most connections in SYN_SENT, among those that had some in every sample of the
    /// last three seconds, most first. Valid if the source sockets is.
    /// </summary>
    public ValueList<HolderSample> SynSentDestinations { get; } = new();

    /// <summary>
    /// The units and destinations with the most connections in CLOSE_WAIT that a process holds, among those that had some in
    /// every sample of the last three seconds, most first. Valid if the source sockets is.
    /// </summary>
    public ValueList<HolderSample> CloseWaitHolders { get; } = new();

    /// <summary>The bound UDP sockets with the most drops, and the fullest ones. Valid if the source udp is.</summary>
    public ValueList<UdpSample> UdpReceivers { get; } = new();

    /// <summary>AF_UNIX listeners that have series; valid where the source unix is.</summary>
    public ValueList<UnixSample> UnixListeners { get; } = new();

    /// <summary>The result of the last sweep.</summary>
    public SweepSample Sweep { get; set; } = new();

    /// <summary>Monotonic time of the last tick that counted the sockets.</summary>
    public TimeSpan StatesAt => SampledAt - StatesAge;

    /// <summary>Statistics about a source since the start.</summary>
    /// <param name="id">The source.</param>
    public ref SourceStatistics this[SourceId id] => ref _sources[(int)id];

    /// <summary>Returns the result of the last attempt to read a source.</summary>
    /// <param name="id">The source.</param>
    public ReadResult Status(SourceId id) => id switch
    {
        SourceId.Sweep => Sweep.Status,
        SourceId.Advisor => Host.Status,
        SourceId.Softnet => Host.SoftnetStatus,
        _ => Kernel[id],
    };

    /// <summary>Copies everything to <paramref name="other"/> except the sweep, which has its own interval.</summary>
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
        UnixListeners.CopyTo(other.UnixListeners);
        other.UnixListenersNotExported = UnixListenersNotExported;
    }
}
