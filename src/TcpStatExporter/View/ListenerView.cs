using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>One listener: the sockets with the same address, port and unit. Unknown values are null, never 0.</summary>
internal sealed record ListenerView
{
    /// <summary>Address, port and owner.</summary>
    public required ListenerIdentity Identity { get; init; }

    /// <summary>Address and port: <c>10.0.0.5:443</c>, <c>[::]:80</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Its condition.</summary>
    public required ListenerCondition Condition { get; init; }

    /// <summary>Number of listening sockets in the group.</summary>
    public required int Sockets { get; init; }

    /// <summary>Connections waiting to be accepted.</summary>
    public required long Queue { get; init; }

    /// <summary>Limit of the accept queue. The queue is full at limit + 1.</summary>
    public required long? QueueLimit { get; init; }

    /// <summary>Length ÷ limit of the fullest socket. Above 1 it is full.</summary>
    public required double? Fill { get; init; }

    /// <summary>Maximum number of waiting connections in the peak window.</summary>
    public required long QueuePeak { get; init; }

    /// <summary>Maximum of <see cref="Fill"/> in the peak window.</summary>
    public required double? FillPeak { get; init; }

    /// <summary>How long the oldest connection in the queue has waited, in seconds. 0 if the queue is empty.</summary>
    public required double? Oldest { get; init; }

    /// <summary>Maximum of <see cref="Oldest"/> in the peak window.</summary>
    public required double? OldestPeak { get; init; }

    /// <summary>Connections that arrive per second, computed from length and age of the queue. Null if it is empty.</summary>
    public required double? ArrivalsPerSecond { get; init; }

    /// <summary>Kernel memory of the queued connections, in bytes.</summary>
    public required ulong? QueuedBytes { get; init; }

    /// <summary>Connection requests and handshakes lost since it was first seen.</summary>
    public required LossCounts? Lost { get; init; }

    /// <summary>Losses per second over <see cref="HostView.RateWindow"/>.</summary>
    public required double? LostPerSecond { get; init; }

    /// <summary>Time since its last loss. Null if it has lost none while watched.</summary>
    public required TimeSpan? SinceLastLoss { get; init; }

    /// <summary>Packets discarded since it was first seen, including harmless ones.</summary>
    public required ulong? Drops { get; init; }

    /// <summary>Discarded packets per second over <see cref="HostView.RateWindow"/>.</summary>
    public required double? DropsPerSecond { get; init; }

    /// <summary>Time since it last discarded a packet. Null if it discarded none in the last seconds.</summary>
    public required TimeSpan? SinceLastDrop { get; init; }

    /// <summary>When it was first seen after its last absence, in Unix milliseconds. 0 if unknown.</summary>
    public required long OpenedUnixMilliseconds { get; init; }

    /// <summary>Half-open connections.</summary>
    public required long? SynQueue { get; init; }

    /// <summary>Maximum number of half-open connections in the peak window.</summary>
    public required long? SynQueuePeak { get; init; }

    /// <summary>Its connections by state, from the last sweep.</summary>
    public required TcpStateCounts? Connections { get; init; }
}
