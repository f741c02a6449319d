using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Tests.Support;

/// <summary>Short ways to create addresses, listening sockets and half-open connections.</summary>
internal static class Listeners
{
    private static readonly ConcurrentDictionary<ulong, string> Units = new();
    private static ulong _cookie = 1;

    public static IpAddress Ip(string text)
    {
        var address = IPAddress.Parse(text);
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? IpAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : IpAddress.FromIPv6(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8)));
    }

    /// <summary>Returns a listening socket as reported by netlink, with a new cookie if none is given.</summary>
    public static ListenerSocket Socket(
        string address, ushort port, uint length = 0, uint limit = 128, uint drops = 0, ulong cookie = 0, ulong cgroup = 0, uint device = 0, bool v6Only = false) => new()
        {
            Address = Ip(address),
            Port = port,
            QueueLength = length,
            QueueLimit = limit,
            HasLimit = true,
            Drops = drops,
            HasDrops = true,
            Cookie = cookie == 0 ? Interlocked.Increment(ref _cookie) << 32 : cookie,
            CgroupId = cgroup,
            Interface = device,
            IsV6Only = v6Only,
        };

    /// <summary>Returns the same as reported by procfs: without limit, drops, cookie and owner.</summary>
    public static ListenerSocket ProcfsSocket(string address, ushort port, uint length = 0) =>
        new() { Address = Ip(address), Port = port, QueueLength = length };

    public static SynQueue Syn(string address, ushort port, int length, uint device = 0) =>
        new() { Address = Ip(address), Port = port, Length = length, Interface = device };

    /// <summary>
    /// Returns an empty table that has already seen an empty read, so everything after it is new. Or one that has not.
    /// </summary>
    public static ListenerTable Table(
        int max = 256, TimeSpan? window = null, Func<IpAddress, ushort, bool>? selects = null, Func<ulong, string?>? unitOf = null, bool isFirstLook = false, string netns = "")
    {
        var table = new ListenerTable(
            window ?? TimeSpan.FromSeconds(60),
            max,
            selects ?? (static (_, _) => true),
            unitOf ?? (static id => id == 0 ? "" : $"unit{id}.service"),
            static device => device == 0 ? "" : $"dev{device}",
            netns);
        if (!isFirstLook)
        {
            table.Observe([], TimeSpan.Zero, 0);
        }

        return table;
    }

    /// <summary>Returns loss counters that did not change while the listeners were read.</summary>
    public static LossEvidence Counted(ulong overflows, ulong drops) => new() { IsKnown = true, Overflows = overflows, Drops = drops };

    /// <summary>A unit has one name object, as in the daemon's own lookup, so asking for it again allocates nothing.</summary>
    public static StuckTable Stuck() => new(static id => id == 0 ? "" : Units.GetOrAdd(id, static id => $"unit{id}.service"));

    public static ListenerSample[] Rows(this ListenerTable table)
    {
        var rows = new ValueList<ListenerSample>();
        table.CopyTo(rows);
        return [.. rows.Span];
    }
}
