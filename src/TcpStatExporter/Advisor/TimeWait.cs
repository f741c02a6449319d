using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Advisor;

/// <summary>Shared by the two rules about TIME_WAIT.</summary>
internal static class TimeWait
{
    public const string Folklore =
        "tcp_tw_reuse does not shrink this table: it lets a new outgoing connection take over the port of an old outgoing one after a second, with timestamps on, and does not help on the server side. tcp_fin_timeout does not shorten TIME_WAIT either, which is always 60 s.";

    public const string Cost = "About 300 bytes of kernel memory for each connection in TIME_WAIT.";

    private const long SmallestLimit = 65_536;
    private const long BytesOfOne = 300;
    private const double ShareOfMemory = 0.01;

    /// <summary>Suggests a larger table: twice what is used or allowed now, but at most 1% of memory, if known.</summary>
    public static IReadOnlyList<Change> Enlarge(AdvisorContext context, long held, long limit)
    {
        var wanted = ListenerConditions.PowerOfTwoFrom(Math.Max(SmallestLimit, 2 * Math.Max(held, limit)));
        var most = context.MemoryBytes is { } memory ? (long)(memory * ShareOfMemory / BytesOfOne) : long.MaxValue;
        var keepAlive = Change.Do("Make clients and servers keep connections open and reuse them. Each connection leaves one TIME_WAIT, on the side that closes first.");
        wanted = Math.Min(wanted, Math.Max(most, SmallestLimit));
        return wanted > limit
            ? [Change.Set(context, Sysctl.TcpMaxTwBuckets, $"{wanted}", wanted == 2 * limit ? "room for twice as many" : $"room for {Words.Count(wanted)}, at about 300 bytes each"), keepAlive]
            : [keepAlive];
    }
}
