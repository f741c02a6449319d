using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>
/// What a person wants to see of one host at one moment: what is wrong first, and what is not known as such. Made from
/// what was published; <c>top</c> and the page show it, and nothing else. Never changes once made.
/// </summary>
internal sealed record HostView
{
    /// <summary>Name of the host.</summary>
    public required string Host { get; init; }

    /// <summary>When the sample was taken, Unix time in milliseconds; 0 before the first.</summary>
    public required long UnixMilliseconds { get; init; }

    /// <summary>How old the states are at that sample: more than zero where counting the sockets each time would cost too much; none where they are not known.</summary>
    public required TimeSpan? StatesAge { get; init; }

    /// <summary>Age of the last sample that read anything; none before the first.</summary>
    public required TimeSpan? Age { get; init; }

    /// <summary>That sample is too old to speak of now: what it said is not known here.</summary>
    public required bool IsStale { get; init; }

    /// <summary>How long samples have been taken.</summary>
    public required TimeSpan Watched { get; init; }

    /// <summary>Window of the peaks.</summary>
    public required TimeSpan PeakWindow { get; init; }

    /// <summary>Time over which rates were taken; none before there are two samples.</summary>
    public required TimeSpan? RateWindow { get; init; }

    /// <summary>The one line to read first.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>How long before the sample each point of the histories was taken, the oldest first.</summary>
    public required IReadOnlyList<TimeSpan> HistoryTimes { get; init; }

    /// <summary>Connections by state, LISTEN too, in the order of a connection's life; none where sockets could not be read.</summary>
    public required IReadOnlyList<StateView>? States { get; init; }

    /// <summary>Connections in CLOSE_WAIT that wait to be accepted: their client has left already; none where not known.</summary>
    public required long? CloseWaitUnaccepted { get; init; }

    /// <summary>Established connections.</summary>
    public required Trend Established { get; init; }

    /// <summary>Connection requests and handshakes that were lost a second (ListenDrops).</summary>
    public required Trend Lost { get; init; }

    /// <summary>Fill ratio of the fullest listener: above 1 its queue is full.</summary>
    public required Trend WorstFill { get; init; }

    /// <summary>Listeners, those in trouble first; none where they could not be read.</summary>
    public required IReadOnlyList<ListenerView>? Listeners { get; init; }

    /// <summary>Listeners that went within the last hour, the last first; none where they could not be read.</summary>
    public required IReadOnlyList<ClosedView>? Closed { get; init; }

    /// <summary>What was lost since the start and no listener accounts for; none where not known.</summary>
    public required ulong? LostUnattributed { get; init; }

    /// <summary>Listeners that are not kept, because there are too many.</summary>
    public required int ListenersLeftOut { get; init; }

    /// <summary>Counters that move, losses first; none where they could not be read twice.</summary>
    public required IReadOnlyList<CounterView>? Counters { get; init; }

    /// <summary>What has a limit. What is used, where not known, is not here.</summary>
    public required IReadOnlyList<LimitView> Limits { get; init; }

    /// <summary>Where the runbooks of the findings are.</summary>
    public Runbooks Runbooks { get; init; } = Runbooks.Default;

    /// <summary>What the rules found, the worst first; none where they have not judged yet.</summary>
    public required IReadOnlyList<RuleFinding>? Findings { get; init; }

    /// <summary>When the rules judged, Unix time in milliseconds; 0 where they have not yet.</summary>
    public required long JudgedUnixMilliseconds { get; init; }

    /// <summary>Every source.</summary>
    public required IReadOnlyList<SourceView> Sources { get; init; }

    /// <summary>When the sweep was made that counted connections by listener and ports, Unix time in milliseconds; 0 where there was none.</summary>
    public required long SweptUnixMilliseconds { get; init; }

    /// <summary>A source as of now.</summary>
    /// <param name="id">Which.</param>
    public SourceView this[SourceId id] => Sources[(int)id];
}
