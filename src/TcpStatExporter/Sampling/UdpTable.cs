using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered about UDP sockets from read to read: the drops at each address, port, device and unit, whatever sockets
/// come and go there. Returns those with the most drops and the fullest. Allocates only for new ones. Memory is bounded: it
/// remembers only sockets with drops, and at most <see cref="MaxKept"/> endpoints.
/// </summary>
internal sealed class UdpTable
{
    /// <summary>Maximum number of endpoints. Drops at others count only in <see cref="Drops"/>.</summary>
    internal const int MaxKept = 4096;

    private readonly Dictionary<ulong, Socket> _sockets = [];
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Ranking<Candidate> _top;
    private readonly Func<ulong, string?> _unitOf;
    private readonly Func<uint, string> _deviceOf;
    private readonly string _netns;
    private uint _round;

    /// <summary>Creates an empty table.</summary>
    /// <param name="max">Maximum number of returned rows.</param>
    /// <param name="unitOf">Returns the unit for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
    /// <param name="deviceOf">Returns the name of an interface.</param>
    /// <param name="netns">The network namespace. Empty for the host's own.</param>
    public UdpTable(int max, Func<ulong, string?> unitOf, Func<uint, string> deviceOf, string netns = "")
    {
        _top = new Ranking<Candidate>(max);
        _unitOf = unitOf;
        _deviceOf = deviceOf;
        _netns = netns;
    }

    /// <summary>Datagrams dropped at all sockets since the first read.</summary>
    public ulong Drops { get; private set; }

    /// <summary>Adds a read.</summary>
    /// <param name="sockets">All bound sockets.</param>
    /// <param name="sysctls">
    /// Kernel parameters. A socket on an ephemeral port belongs to a client, and is named only after it has dropped
    /// something.
    /// </param>
    public void Observe(ReadOnlySpan<UdpSocket> sockets, SysctlTable sysctls)
    {
        _round++;
        foreach (ref readonly var socket in sockets)
        {
            Add(in socket);
        }

        foreach (var (cookie, socket) in _sockets)
        {
            if (socket.Round != _round)
            {
                _sockets.Remove(cookie);
            }
        }

        _top.Clear();
        foreach (var (key, _) in _entries)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
            if (entry.Round == _round)
            {
                if (entry.Drops > 0 || !IsEphemeral(sysctls, key.Port))
                {
                    _top.Add(new Candidate(key, entry.Drops, entry.Fill, entry.QueueBytes));
                }
            }
            else if (entry.Drops == 0 || IsEphemeral(sysctls, key.Port) || _entries.Count >= MaxKept)
            {
                // a service that returns continues its count; a client does not
                _entries.Remove(key);
            }
        }

        for (var i = 0; i < _top.Count; i++)
        {
            ref readonly var key = ref _top[i].Key;
            CollectionsMarshal.GetValueRefOrNullRef(_entries, key).Identity ??= new ListenerIdentity(key.Address, key.Port, key.Unit, key.Interface == 0 ? "" : _deviceOf(key.Interface), _netns);
        }
    }

    /// <summary>
    /// Returns those with the most drops in the last read. With equal drops, the fullest come first, or those with the
    /// longest queue if no limit is known.
    /// </summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<UdpSample> rows)
    {
        rows.Clear();
        for (var i = 0; i < _top.Count; i++)
        {
            var entry = _entries[_top[i].Key];
            rows.Add(new UdpSample { Identity = entry.Identity!, Drops = entry.Drops, QueueBytes = entry.QueueBytes, LimitBytes = entry.LimitBytes, LargestLimitBytes = entry.LargestLimitBytes, Fill = entry.Fill });
        }
    }

    private static bool IsEphemeral(SysctlTable sysctls, ushort port) =>
        sysctls[Sysctl.IpLocalPortRange] is { Count: 2 } range && port >= range.First && port <= range.Second && !sysctls.ReservedPorts.Contains(port);

    private void Add(in UdpSocket socket)
    {
        var unit = _unitOf(socket.CgroupId) ?? (_round == 1 ? "" : null);
        var dropped = Dropped(in socket, isLeft: unit is null);
        Drops += dropped;
        var key = new Key(socket.Address, socket.Port, socket.Interface, unit ?? "");
        if (unit is null || (_entries.Count >= MaxKept && !_entries.ContainsKey(key)))
        {
            return;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out _);
        if (entry.Round != _round)
        {
            (entry.QueueBytes, entry.LimitBytes, entry.LargestLimitBytes, entry.Fill, entry.Round) = (0, 0, 0, 0, _round);
        }

        entry.Drops += dropped;
        entry.QueueBytes += socket.QueueBytes;
        entry.LimitBytes += socket.LimitBytes;
        entry.LargestLimitBytes = Math.Max(entry.LargestLimitBytes, socket.LimitBytes);
        entry.Fill = Math.Max(entry.Fill, socket.LimitBytes > 0 ? (double)socket.QueueBytes / socket.LimitBytes : 0);
    }

    /// <summary>
    /// Returns what a socket dropped since the last read. A socket without drops is not remembered, so all its later drops
    /// are new.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isLeft">Its unit has not been looked up yet, so it is left to the next read.</param>
    private uint Dropped(in UdpSocket socket, bool isLeft)
    {
        if (socket.Drops == 0 && !_sockets.ContainsKey(socket.Cookie))
        {
            return 0;
        }

        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_sockets, socket.Cookie, out var isKnown);
        var before = isKnown ? known.Drops : _round == 1 ? socket.Drops : 0;
        known = new Socket(isLeft ? before : socket.Drops, _round);
        return isLeft ? 0 : unchecked(socket.Drops - before);
    }

    private readonly record struct Key(IpAddress Address, ushort Port, uint Interface, string Unit);

    private readonly record struct Socket(uint Drops, uint Round);

    private struct Entry
    {
        public ListenerIdentity? Identity;
        public ulong Drops;
        public long QueueBytes;
        public long LimitBytes;
        public long LargestLimitBytes;
        public double Fill;
        public uint Round;
    }

    private readonly struct Candidate(Key key, ulong drops, double fill, long queue) : IRanked<Candidate>
    {
        public readonly Key Key = key;
        public readonly ulong Drops = drops;
        public readonly double Fill = fill;
        public readonly long Queue = queue;

        /// <inheritdoc/>
        public bool Precedes(in Candidate other) =>
            Drops != other.Drops ? Drops > other.Drops : Fill != other.Fill ? Fill > other.Fill : Queue > other.Queue;
    }
}
