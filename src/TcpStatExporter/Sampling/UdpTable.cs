using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered of UDP sockets from look to look: what each address, port, device and unit dropped, whatever sockets
/// come and go beneath it. Hands out those that dropped most and are fullest. Allocates only for what is new, and is bounded: of
/// sockets it remembers those that dropped something, and of what they are bound to no more than <see cref="MaxKept"/>.
/// </summary>
internal sealed class UdpTable
{
    /// <summary>Most of what is kept. Drops at what is beyond that count in <see cref="Drops"/> alone.</summary>
    internal const int MaxKept = 4096;

    private readonly Dictionary<ulong, Socket> _sockets = [];
    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Candidate[] _top;
    private readonly Func<ulong, string?> _unitOf;
    private readonly Func<uint, string> _deviceOf;
    private readonly string _netns;
    private uint _round;
    private int _named;

    /// <summary>Makes an empty table.</summary>
    /// <param name="max">Most rows that are handed out.</param>
    /// <param name="unitOf">The unit behind a cgroup2 id; empty where unknown, null where it was not looked for yet.</param>
    /// <param name="deviceOf">The name of an interface.</param>
    /// <param name="netns">The network namespace; empty for the host's own.</param>
    public UdpTable(int max, Func<ulong, string?> unitOf, Func<uint, string> deviceOf, string netns = "")
    {
        _top = new Candidate[max];
        _unitOf = unitOf;
        _deviceOf = deviceOf;
        _netns = netns;
    }

    /// <summary>Datagrams dropped at all sockets, from the first look on.</summary>
    public ulong Drops { get; private set; }

    /// <summary>Takes a look.</summary>
    /// <param name="sockets">All bound sockets.</param>
    /// <param name="sysctls">Kernel parameters: a socket at a port that the kernel hands out is a client's, and is named only once it dropped something.</param>
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

        _named = 0;
        foreach (var (key, _) in _entries)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
            if (entry.Round == _round)
            {
                if (entry.Drops > 0 || !IsEphemeral(sysctls, key.Port))
                {
                    Rank(new Candidate(key, entry.Drops, entry.Fill, entry.QueueBytes));
                }
            }
            else if (entry.Drops == 0 || IsEphemeral(sysctls, key.Port) || _entries.Count >= MaxKept)
            {
                // a service that comes back goes on counting; a client does not
                _entries.Remove(key);
            }
        }

        for (var i = 0; i < _named; i++)
        {
            ref readonly var key = ref _top[i].Key;
            CollectionsMarshal.GetValueRefOrNullRef(_entries, key).Identity ??= new ListenerIdentity(key.Address, key.Port, key.Unit, key.Interface == 0 ? "" : _deviceOf(key.Interface), _netns);
        }
    }

    /// <summary>Hands out those that dropped most, and of equals the fullest, at the last look; where no limit is known, those with most in their queue.</summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<UdpSample> rows)
    {
        rows.Clear();
        for (var i = 0; i < _named; i++)
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

    /// <summary>What a socket dropped since the last look. One that dropped nothing yet is not remembered: all that it will drop is new then.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isLeft">Its unit is yet to be looked for: it is left to the next look.</param>
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

    private void Rank(in Candidate candidate)
    {
        var place = _named;
        while (place > 0 && candidate.Precedes(_top[place - 1]))
        {
            place--;
        }

        if (place == _top.Length)
        {
            return;
        }

        _named = Math.Min(_named + 1, _top.Length);
        Array.Copy(_top, place, _top, place + 1, _named - place - 1);
        _top[place] = candidate;
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

    private readonly struct Candidate(Key key, ulong drops, double fill, long queue)
    {
        public readonly Key Key = key;
        public readonly ulong Drops = drops;
        public readonly double Fill = fill;
        public readonly long Queue = queue;

        public bool Precedes(in Candidate other) =>
            Drops != other.Drops ? Drops > other.Drops : Fill != other.Fill ? Fill > other.Fill : Queue > other.Queue;
    }
}
