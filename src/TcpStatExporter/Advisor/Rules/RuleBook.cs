namespace TcpStatExporter.Advisor.Rules;

/// <summary>All rules, worst first. With the same severity, the most frequent finding comes first.</summary>
internal static class RuleBook
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<IRule> All { get; } =
    [
        new ListenerDropping(),
        new ListenerStuckWorker(),
        new ListenerGone(isOutage: true),
        new SynQueueDropping(),
        new PortsExhausted(),
        new AbortsForMemory(),
        new ConntrackTable(isFull: true),
        new TwRecycle(),

        new ListenerLostLately(),
        new ListenerGone(isOutage: false),
        new AcceptQueueFilling(),
        new AcceptQueueWait(),
        new ConnectUnanswered(),
        new ApplicationNotReading(),
        new ConnectionsLost(),
        new SynQueueOverflowing(),
        new CloseWaitLeak(),
        new CloseWaitUnaccepted(),
        new PortsFilling(),
        new ConntrackTable(isFull: false),
        new TimeWaitFull(),
        new OrphansNearLimit(),
        new TcpMemoryPressure(),
        new SoftnetDrops(),
        new UdpReceiverDrops(),
        new UnixQueueFull(),
        new Retransmissions(),
        new ResetStorm(),
        new SyncookiesOff(),
        new SyncookiesAlways(),
        new AbortOnOverflow(),
        new TcpMemInBytes(),
        new TcpMemTooLarge(),
        new TcpMemTooSmall(),
        new BufferSizesInconsistent(),

        new ListenerDroppedEarlier(),
        new BacklogBelowSomaxconn(),
        new SomaxconnCapsBacklog(),
        new SyncookiesFailed(),
        new TimeWaitNearLimit(),
        new PortRangeNarrow(),
        new PortRangeSharesListeners(),
        new FinTimeoutLowered(),
        new BufferMaxWithoutAutotuning(),
        new KeepaliveLate(),
        new KeepaliveTimeoutShort(),
    ];

    /// <summary>The rules that judge only one network namespace. Namespaces other than the host's own get only these.</summary>
    public static IReadOnlyList<IRule> OfNamespace { get; } = [.. All.Where(rule => !rule.IsHostWide)];
}
