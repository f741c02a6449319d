using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>One listener: the sockets of one address, port and unit. What is not known is none, and never 0.</summary>
internal sealed record ListenerView
{
    /// <summary>Address, port and owner.</summary>
    public required ListenerIdentity Identity { get; init; }

    /// <summary>Address and port: <c>10.0.0.5:443</c>, <c>[::]:80</c>.</summary>
    public required string Endpoint { get; init; }

    /// <summary>What is the matter with it.</summary>
    public required ListenerCondition Condition { get; init; }

    /// <summary>Listening sockets in the group.</summary>
    public required int Sockets { get; init; }

    /// <summary>Connections waiting to be accepted.</summary>
    public required long Queue { get; init; }

    /// <summary>Limit of the accept queue: it is full with one more than that.</summary>
    public required long? QueueLimit { get; init; }

    /// <summary>Length ÷ limit of the fullest socket; above 1 it is full.</summary>
    public required double? Fill { get; init; }

    /// <summary>The most waiting in the peak window.</summary>
    public required long QueuePeak { get; init; }

    /// <summary>Largest <see cref="Fill"/> in the peak window.</summary>
    public required double? FillPeak { get; init; }

    /// <summary>Connection requests and handshakes lost since it is known.</summary>
    public required LossCounts? Lost { get; init; }

    /// <summary>The same a second, over <see cref="HostView.RateWindow"/>.</summary>
    public required double? LostPerSecond { get; init; }

    /// <summary>Time since it lost one last; none where it has not while it was watched.</summary>
    public required TimeSpan? SinceLastLoss { get; init; }

    /// <summary>Packets discarded since it is known, those that hurt nobody included.</summary>
    public required ulong? Drops { get; init; }

    /// <summary>The same a second, over <see cref="HostView.RateWindow"/>.</summary>
    public required double? DropsPerSecond { get; init; }

    /// <summary>Time since it discarded one last; none where it has not in the last seconds.</summary>
    public required TimeSpan? SinceLastDrop { get; init; }

    /// <summary>When it was first seen listening since it was last away, Unix time in milliseconds; 0 where not known.</summary>
    public required long OpenedUnixMilliseconds { get; init; }

    /// <summary>Half-open connections.</summary>
    public required long? SynQueue { get; init; }

    /// <summary>The most half-open in the peak window.</summary>
    public required long? SynQueuePeak { get; init; }

    /// <summary>Its connections by state, as of the last sweep.</summary>
    public required TcpStateCounts? Connections { get; init; }
}
