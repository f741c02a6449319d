using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>
/// Determines the condition of a listener: the one definition for findings, verdict, tables and log. A loss is what the
/// kernel counts in ListenDrops, not every packet that a socket discards.
/// </summary>
internal static class ListenerConditions
{
    /// <summary>A queue with a limit of one or two is full after the first connections, so at least four have to wait.</summary>
    private const int FewestWaiting = 4;

    private const double NearlyFull = 0.9;

    /// <summary>
    /// Seconds in the accept queue after which somebody should know: many clients give up after two to five seconds.
    /// </summary>
    private const double LongWait = 1;

    /// <summary>Seconds in the accept queue that are worth mentioning.</summary>
    private const double NotableWait = 0.1;
    private const double IdleSiblings = 0.25;

    /// <summary>Returns the condition of a listener in the sample.</summary>
    /// <param name="context">What is known of the host.</param>
    /// <param name="listener">The listener.</param>
    /// <param name="recent">Its losses in the last seconds.</param>
    /// <param name="lately">Its losses in the last minute.</param>
    public static ListenerCondition Of(AdvisorContext context, in ListenerSample listener, LossCounts recent, LossCounts lately)
    {
        var isFull = listener.HasLimit && listener.FillRatio > 1;
        if (context.Recent.IsLoss(recent.Total) && (isFull || context.IsLosing(recent.Total)))
        {
            return ListenerCondition.Losing;
        }

        if (isFull && listener.QueueLength >= FewestWaiting)
        {
            return ListenerCondition.Full;
        }

        if (context.Lately.IsLoss(lately.Total))
        {
            return ListenerCondition.LostLately;
        }

        if (listener.HasWaits && listener.OldestSeconds >= LongWait)
        {
            return ListenerCondition.Waiting;
        }

        return listener.HasLimit && listener.FillRatioPeak > NearlyFull && listener.QueuePeak >= FewestWaiting ? ListenerCondition.Filling : ListenerCondition.None;
    }

    /// <summary>Returns the condition of a closed listener.</summary>
    /// <param name="context">What is known of the host.</param>
    /// <param name="recent">Its losses in the last seconds.</param>
    /// <param name="lately">Its losses in the last minute.</param>
    public static ListenerCondition OfGone(AdvisorContext context, LossCounts recent, LossCounts lately) =>
        context.IsLosing(recent.Total) ? ListenerCondition.Losing : context.Lately.IsLoss(lately.Total) ? ListenerCondition.LostLately : ListenerCondition.None;

    /// <summary>Returns true if one socket of a SO_REUSEPORT group is full while the others are nearly idle.</summary>
    public static bool HasStuckWorker(in ListenerSample listener)
    {
        if (!listener.HasLimit || listener.IsSpread || listener.Sockets < 2 || listener.QueueLimit == 0 || !(listener.FillRatioPeak > 1))
        {
            return false;
        }

        var sum = listener.QueuePeak / listener.QueueLimit * listener.Sockets;
        return (sum - listener.FillRatioPeak) / (listener.Sockets - 1) < IdleSiblings;
    }

    /// <summary>Describes a queue: "accept queue 9 now, up to 9, limit 8".</summary>
    public static string Queue(in ListenerSample listener) => listener.HasLimit
        ? $"accept queue {Words.Count(listener.QueueLength)} now, up to {Words.Count((long)listener.QueuePeak)}, limit {Words.Count(listener.QueueLimit)}"
            + (listener.Sockets > 1 ? $" over {listener.Sockets} sockets" : "")
            + (listener.HasWaits && listener.OldestSeconds >= NotableWait ? $", the oldest connection has waited {Words.Seconds(listener.OldestSeconds)}" : "")
        : $"accept queue {Words.Count(listener.QueueLength)} now";

    /// <summary>Describes a listener's losses: "lost 44 in 10 s".</summary>
    /// <param name="lost">Its losses.</param>
    /// <param name="stretch">The time in which they occurred.</param>
    public static string Lost(LossCounts lost, Stretch stretch)
    {
        string[] parts =
        [
            .. lost.AcceptQueue > 0 && lost.AcceptQueue < lost.Total ? [$"{Words.Count(lost.AcceptQueue)} by a full accept queue"] : Array.Empty<string>(),
            .. lost.SynQueue > 0 ? [$"{Words.Count(lost.SynQueue)} by a full SYN queue"] : Array.Empty<string>(),
            .. lost.Other > 0 ? [$"{Words.Count(lost.Other)} for another reason"] : Array.Empty<string>(),
        ];
        return $"lost {Words.Count(lost.Total)} {stretch.InTime}{(parts.Length > 0 ? $" ({string.Join(", ", parts)})" : "")}";
    }

    /// <summary>Returns "stopped listening 40 s ago".</summary>
    /// <param name="gone">How long ago.</param>
    public static string Stopped(TimeSpan gone) => $"stopped listening {Words.Ago(gone)} ago";

    /// <summary>Returns the smallest power of two that is at least a number.</summary>
    public static long PowerOfTwoFrom(long number) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, number));
}
