using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Everything known about a network namespace at one moment: the values from the kernel and what has been accumulated from
/// them. Immutable once published. <c>/metrics</c> and all other views read only this.
/// </summary>
/// <param name="parts">Receives the lists and tables that are copied.</param>
internal sealed class NamespaceSample(Parts parts) : Leased
{
    private readonly Parts _parts = parts;
    private readonly ValueList<SourceStatistics> _sources = parts.Add(new ValueList<SourceStatistics>(SourceExtensions.Count));
    private Values _values;

    /// <summary>Creates an empty sample.</summary>
    public NamespaceSample()
        : this(new Parts())
    {
    }

    /// <summary>Maximum count of each state in the peak window. Valid if the source sockets is.</summary>
    public ref TcpStateCounts StatePeaks => ref _values.StatePeaks;

    /// <summary>An unknown state has been seen since the start.</summary>
    public ref bool HasUnknownState => ref _values.HasUnknownState;

    /// <summary>Losses counted by the kernel since the first read that no listener with series accounts for.</summary>
    public ref LossCounts Unattributed => ref _values.Unattributed;

    /// <summary>
    /// Connection-seconds spent in SYN_SENT since the first tick. Valid if the source sockets is. Divided by the number of
    /// connects in the same time (ActiveOpens), it is the average duration of a connect, by Little's law.
    /// </summary>
    public ref double SynSentSeconds => ref _values.SynSentSeconds;

    /// <summary>Number of listeners without series, because there are too many.</summary>
    public ref int ListenersNotExported => ref _values.ListenersNotExported;

    /// <summary>
    /// Datagrams dropped at all bound UDP sockets since the first read, including those without a row. Valid if the source
    /// udp is.
    /// </summary>
    public ref ulong UdpDrops => ref _values.UdpDrops;

    /// <summary>AF_UNIX sockets with a name that listen and are in no row; valid where the source unix is.</summary>
    public ref int UnixListenersNotExported => ref _values.UnixListenersNotExported;

    /// <summary>Number of ticks that ran.</summary>
    public ref ulong Samples => ref _values.Samples;

    /// <summary>Number of ticks that did not run in time.</summary>
    public ref ulong SamplesMissed => ref _values.SamplesMissed;

    /// <summary>When the last tick ended, in Unix milliseconds. 0 before the first tick.</summary>
    public ref long LastSampleUnixMilliseconds => ref _values.LastSampleUnixMilliseconds;

    /// <summary>Monotonic time at which the last tick ended. Zero before the first tick.</summary>
    public ref TimeSpan SampledAt => ref _values.SampledAt;

    /// <summary>
    /// Time from the last tick that counted the sockets to the last tick. Zero unless counting them in each tick is too
    /// expensive. Valid if the source sockets is.
    /// </summary>
    public ref TimeSpan StatesAge => ref _values.StatesAge;

    /// <summary>Monotonic time at which the listeners were last read.</summary>
    public ref TimeSpan ListenersAt => ref _values.ListenersAt;

    /// <summary>The tick is too old to be shown as current: all of its sources count as failed, because they are stale.</summary>
    public ref bool IsStale => ref _values.IsStale;

    /// <summary>When sampling began, in Unix milliseconds.</summary>
    public ref long StartUnixMilliseconds => ref _values.StartUnixMilliseconds;

    /// <summary>Window of the peaks.</summary>
    public ref TimeSpan PeakWindow => ref _values.PeakWindow;

    /// <summary>What is known about the host.</summary>
    public HostFacts Host { get; } = parts.Add(new HostFacts());

    /// <summary>The values from the kernel.</summary>
    public TcpSnapshot Kernel { get; } = parts.Add(new TcpSnapshot());

    /// <summary>The open listeners. Valid if the source listeners is.</summary>
    public ValueList<ListenerSample> Listeners { get; } = parts.Add(new ValueList<ListenerSample>());

    /// <summary>
    /// How long connections waited to be accepted, in seconds: one observation each time the queues are examined, by <see
    /// cref="QueueWaits.SecondsBounds"/>. One row for each listener whose queue was ever seen in use.
    /// </summary>
    public ValueList<Histogram> Waits { get; } = parts.Add(new ValueList<Histogram>());

    /// <summary>
    /// For each socket in <see cref="TcpSnapshot.Listeners"/>, the index of its row in <see cref="Listeners"/>. −1 if it has
    /// none.
    /// </summary>
    public ValueList<int> ListenerRows { get; } = parts.Add(new ValueList<int>());

    /// <summary>Listeners that closed within the last hour. Valid if the source listeners is.</summary>
    public ValueList<ClosedListener> Closed { get; } = parts.Add(new ValueList<ClosedListener>());

    /// <summary>
    /// The destinations and units with the most connections in SYN_SENT, among those that had some in every sample of the
    /// last three seconds, most first. Valid if the source sockets is.
    /// </summary>
    public ValueList<HolderSample> SynSentDestinations { get; } = parts.Add(new ValueList<HolderSample>());

    /// <summary>
    /// The units and destinations with the most connections in CLOSE_WAIT that a process holds, among those that had some in
    /// every sample of the last three seconds, most first. Valid if the source sockets is.
    /// </summary>
    public ValueList<HolderSample> CloseWaitHolders { get; } = parts.Add(new ValueList<HolderSample>());

    /// <summary>The bound UDP sockets with the most drops, and the fullest ones. Valid if the source udp is.</summary>
    public ValueList<UdpSample> UdpReceivers { get; } = parts.Add(new ValueList<UdpSample>());

    /// <summary>AF_UNIX listeners that have series; valid where the source unix is.</summary>
    public ValueList<UnixSample> UnixListeners { get; } = parts.Add(new ValueList<UnixSample>());

    /// <summary>The result of the last sweep.</summary>
    public SweepSample Sweep { get; set; } = new();

    /// <summary>Monotonic time of the last tick that counted the sockets.</summary>
    public TimeSpan StatesAt => SampledAt - StatesAge;

    /// <summary>Statistics about a source of the namespace since the start.</summary>
    /// <param name="id">The source.</param>
    public ref SourceStatistics this[SourceId id] => ref _sources[(int)id];

    /// <summary>A kernel parameter: the host's, if it has one for all namespaces. Valid if the source sysctl is.</summary>
    /// <param name="name">The parameter.</param>
    public ref SysctlValue Parameter(Sysctl name) => ref name.IsHostWide() ? ref Host.Parameter(name) : ref Kernel.Sysctls[name];

    /// <summary>Returns the result of the last attempt to read a source.</summary>
    /// <param name="id">The source.</param>
    public ReadResult Status(SourceId id) => id == SourceId.Sweep ? Sweep.Status : Kernel[id];

    /// <summary>Copies everything to <paramref name="other"/> except the sweep, which has its own interval.</summary>
    /// <param name="other">The sample to overwrite.</param>
    public void CopyTickTo(NamespaceSample other)
    {
        other._values = _values;
        _parts.CopyTo(other._parts);
    }

    /// <summary>All plain values. They are copied together.</summary>
    private struct Values
    {
        public TcpStateCounts StatePeaks;
        public bool HasUnknownState, IsStale;
        public LossCounts Unattributed;
        public double SynSentSeconds;
        public int ListenersNotExported, UnixListenersNotExported;
        public ulong UdpDrops, Samples, SamplesMissed;
        public long LastSampleUnixMilliseconds, StartUnixMilliseconds;
        public TimeSpan SampledAt, StatesAge, ListenersAt, PeakWindow;
    }
}
