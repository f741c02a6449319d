using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>
/// What a person wants to know about one host at one moment: problems first, and unknown values marked as unknown. Built from
/// the published data. <c>top</c> and the page show this and nothing else. Immutable.
/// </summary>
internal sealed record HostView
{
    /// <summary>Name of the host.</summary>
    public required string Host { get; init; }

    /// <summary>When the sample was taken, in Unix milliseconds. 0 before the first sample.</summary>
    public required long UnixMilliseconds { get; init; }

    /// <summary>
    /// Age of the states in that sample. Greater than zero if counting the sockets in each sample would cost too much. Null
    /// if unknown.
    /// </summary>
    public required TimeSpan? StatesAge { get; init; }

    /// <summary>Age of the last sample that read anything. Null before the first one.</summary>
    public required TimeSpan? Age { get; init; }

    /// <summary>The sample is too old to be shown as current. Its values are unknown here.</summary>
    public required bool IsStale { get; init; }

    /// <summary>How long samples have been taken.</summary>
    public required TimeSpan Watched { get; init; }

    /// <summary>Window of the peaks.</summary>
    public required TimeSpan PeakWindow { get; init; }

    /// <summary>Time over which rates are computed. Null before there are two samples.</summary>
    public required TimeSpan? RateWindow { get; init; }

    /// <summary>The line to read first.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>For each point of the histories: how long before the sample it was taken. Oldest first.</summary>
    public required IReadOnlyList<TimeSpan> HistoryTimes { get; init; }

    /// <summary>
    /// Connections by state, including LISTEN, in the order of a connection's life. Null if sockets could not be read.
    /// </summary>
    public required IReadOnlyList<StateView>? States { get; init; }

    /// <summary>Connections in CLOSE_WAIT that wait to be accepted. Their client has already left. Null if unknown.</summary>
    public required long? CloseWaitUnaccepted { get; init; }

    /// <summary>Established connections.</summary>
    public required Trend Established { get; init; }

    /// <summary>Connection requests and handshakes lost per second (ListenDrops).</summary>
    public required Trend Lost { get; init; }

    /// <summary>Fill ratio of the fullest listener. Above 1 its queue is full.</summary>
    public required Trend WorstFill { get; init; }

    /// <summary>Listeners. Those with problems come first. Null if they could not be read.</summary>
    public required IReadOnlyList<ListenerView>? Listeners { get; init; }

    /// <summary>Listeners that closed within the last hour, most recent first. Null if they could not be read.</summary>
    public required IReadOnlyList<ClosedView>? Closed { get; init; }

    /// <summary>Losses since the start that cannot be attributed to a listener. Null if unknown.</summary>
    public required ulong? LostUnattributed { get; init; }

    /// <summary>Number of listeners that are not tracked, because there are too many.</summary>
    public required int ListenersLeftOut { get; init; }

    /// <summary>AF_UNIX listeners, the fullest first; none where they could not be read.</summary>
    public required IReadOnlyList<UnixListenerView>? UnixListeners { get; init; }

    /// <summary>AF_UNIX sockets that listen and have no row, because there are too many.</summary>
    public required int UnixListenersLeftOut { get; init; }

    /// <summary>Counters that are increasing, losses first. Null if they could not be read twice.</summary>
    public required IReadOnlyList<CounterView>? Counters { get; init; }

    /// <summary>Everything with a limit. Entries whose use is unknown are omitted.</summary>
    public required IReadOnlyList<LimitView> Limits { get; init; }

    /// <summary>Location of the findings' runbooks.</summary>
    public Runbooks Runbooks { get; init; } = Runbooks.Default;

    /// <summary>The findings, worst first. Null if the rules have not run yet.</summary>
    public required IReadOnlyList<RuleFinding>? Findings { get; init; }

    /// <summary>When the rules ran, in Unix milliseconds. 0 if they have not run yet.</summary>
    public required long JudgedUnixMilliseconds { get; init; }

    /// <summary>All sources.</summary>
    public required IReadOnlyList<SourceView> Sources { get; init; }

    /// <summary>
    /// When the last sweep ran, which counts connections by listener and ports, in Unix milliseconds. 0 if there was none.
    /// </summary>
    public required long SweptUnixMilliseconds { get; init; }

    /// <summary>Other network namespaces of the host, those in trouble first; null if there is nothing to show.</summary>
    public IReadOnlyList<NetnsView>? Namespaces { get; init; }

    /// <summary>
    /// The peers with most retransmitted bytes between the last two sweeps, most first. Null if unknown.
    /// </summary>
    public required IReadOnlyList<PeerView>? Peers { get; init; }

    /// <summary>Time between those two sweeps. Null if unknown.</summary>
    public required TimeSpan? PeersTime { get; init; }

    /// <summary>The current state of a source of the namespace.</summary>
    /// <param name="id">The source.</param>
    public SourceView this[SourceId id] => Sources.First(source => source.Name == id.Name());
}
