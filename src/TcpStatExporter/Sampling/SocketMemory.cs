using System.Runtime.InteropServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered about each listening socket, by cookie, from read to read and while it is away. sk_drops disappears
/// with its socket, starts at 0 in a new one, and is a 32-bit counter that wraps (atomic_t).
/// </summary>
/// <remarks>
/// A dump of more than about 150 listeners takes several receives. Between them, the kernel finds its place by counting
/// sockets within a hash bucket (net/ipv4/inet_diag.c, inet_diag_dump_icsk()). If others come and go, one may be skipped or
/// reported twice, and no flag shows it. A socket may also stop listening and start again with its count unchanged (HAProxy
/// pausing a frontend). Cookies are never reused, so a socket is remembered as long as there is room.
/// </remarks>
/// <param name="mostAway">Maximum number of remembered sockets that are away.</param>
internal sealed class SocketMemory(int mostAway = SocketMemory.MostAway)
{
    /// <summary>Maximum number of remembered sockets that are away. Those away longest are forgotten first.</summary>
    public const int MostAway = 16_384;

    /// <summary>A dump may skip a socket once, so a socket that was there this many reads ago has not been away.</summary>
    public const uint MissedLooks = 2;

    private readonly Dictionary<ulong, int> _slots = [];
    private readonly Stack<int> _free = [];
    private SocketRecord[] _records = new SocketRecord[16];
    private int _there;
    private int _wasThere;
    private int _stayed;

    /// <summary>Number of remembered sockets.</summary>
    public int Count => _slots.Count;

    /// <summary>The current or last read, counted from 1.</summary>
    public uint Look { get; private set; }

    /// <summary>
    /// Sockets that were in the last read but not in this one. Known after all sockets of this read were added.
    /// </summary>
    public int Gone => _wasThere - _stayed;

    /// <summary>Starts a read.</summary>
    public void Begin()
    {
        Look++;
        _wasThere = _there;
        _there = 0;
        _stayed = 0;
    }

    /// <summary>Finds or creates the record of a socket and marks it as seen.</summary>
    /// <param name="cookie">The socket's cookie.</param>
    /// <param name="drops">Its current count.</param>
    /// <param name="isTold">It has already appeared in this read: ignore the repetition.</param>
    /// <returns>The slot of its record. It belongs to the socket until <see cref="End"/>.</returns>
    public int Take(ulong cookie, uint drops, out bool isTold)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_slots, cookie, out var isKnown);
        if (!isKnown)
        {
            slot = TakeFree();
        }

        ref var record = ref _records[slot];
        isTold = isKnown && record.Look == Look;
        if (isTold)
        {
            return slot;
        }

        if (!isKnown && Look == 1)
        {
            // older than the first read: what it discarded before may have been at any time
            record.Counted = drops;
            record.Settled = drops;
        }

        record.WasThere = isKnown && Look - record.Look <= MissedLooks;
        _stayed += isKnown && record.Look == Look - 1 ? 1 : 0;
        record.Look = Look;
        record.Drops = drops;
        _there++;
        return slot;
    }

    /// <summary>Returns the listener of a socket in the last read. Null if it has no series or the socket is unknown.</summary>
    /// <param name="cookie">The socket's cookie.</param>
    public ListenerEntry? OwnerOf(ulong cookie) => _slots.TryGetValue(cookie, out var slot) ? _records[slot].Owner : null;

    /// <summary>The record in a slot. Valid until the next call of <see cref="Take"/>.</summary>
    /// <param name="slot">The slot.</param>
    public ref SocketRecord this[int slot] => ref _records[slot];

    /// <summary>Calls back for each socket that was in the last read but not in this one.</summary>
    /// <param name="visit">Receives the slot of its record.</param>
    /// <param name="state">Passed to the callback.</param>
    /// <typeparam name="TState">The type of this argument.</typeparam>
    public void VisitGone<TState>(Action<int, TState> visit, TState state)
    {
        if (Gone <= 0)
        {
            return;
        }

        foreach (var slot in _slots.Values)
        {
            if (_records[slot].Look == Look - 1)
            {
                visit(slot, state);
            }
        }
    }

    /// <summary>
    /// Ends a read. If too many sockets are away, forgets those away longest, until half of the room is free again.
    /// </summary>
    public void End()
    {
        if (_slots.Count - _there <= mostAway)
        {
            return;
        }

        // rare, because there is room again afterwards: its allocations are not part of each tick
        var looks = _slots.Values.Select(slot => _records[slot].Look).Where(look => look != Look).Order().ToArray();
        var oldestKept = looks[looks.Length - (mostAway / 2)];
        foreach (var (cookie, slot) in _slots)
        {
            if (_records[slot].Look < oldestKept)
            {
                _slots.Remove(cookie);
                _records[slot] = default;
                _free.Push(slot);
            }
        }
    }

    private int TakeFree()
    {
        if (_free.TryPop(out var free))
        {
            return free;
        }

        // no slot is free: those in use are the first ones, and the new socket is already counted
        var slot = _slots.Count - 1;
        if (slot == _records.Length)
        {
            Array.Resize(ref _records, _records.Length * 2);
        }

        return slot;
    }
}
