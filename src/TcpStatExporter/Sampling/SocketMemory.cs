using System.Runtime.InteropServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered of each listening socket by its cookie, from look to look and while it is away. sk_drops dies with
/// its socket, starts at 0 in a new one and is 32 bits that wrap (atomic_t).
/// </summary>
/// <remarks>
/// A dump of more than about 150 listeners takes several receives, between which the kernel finds its place by counting
/// sockets within a hash bucket (net/ipv4/inet_diag.c, inet_diag_dump_icsk()): as others come and go, one may be skipped
/// or told twice, and no flag says so. And a socket may stop listening and begin again with its count unchanged (HAProxy
/// pausing a frontend). Cookies are never used twice, so a socket is remembered as long as there is room.
/// </remarks>
internal sealed class SocketMemory
{
    /// <summary>Most sockets that are remembered while they are away; the longest away are forgotten first.</summary>
    public const int MostAway = 16_384;

    /// <summary>A dump may skip a socket once: one that this many looks ago was there has not been away.</summary>
    public const uint MissedLooks = 2;

    private readonly Dictionary<ulong, int> _slots = [];
    private readonly Stack<int> _free = [];
    private SocketRecord[] _records = new SocketRecord[16];
    private int _there;
    private int _wasThere;
    private int _stayed;

    /// <summary>Sockets that are remembered.</summary>
    public int Count => _slots.Count;

    /// <summary>The look that is under way, or the last one; from 1.</summary>
    public uint Look { get; private set; }

    /// <summary>Sockets that the last look saw and this one did not; known once all of this one were taken.</summary>
    public int Gone => _wasThere - _stayed;

    /// <summary>Starts a look.</summary>
    public void Begin()
    {
        Look++;
        _wasThere = _there;
        _there = 0;
        _stayed = 0;
    }

    /// <summary>Finds or makes the record of a socket, and marks it as seen.</summary>
    /// <param name="cookie">The socket's cookie.</param>
    /// <param name="drops">Its count now.</param>
    /// <param name="isTold">It was met before in this look: nothing more is to be taken from it.</param>
    /// <returns>The slot of its record, which is the socket's until <see cref="End"/>.</returns>
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
            // older than the first look: what it discarded before may have been any time ago
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

    /// <summary>The listener of a socket, as of the last look; none where it has no series or the socket is not known.</summary>
    /// <param name="cookie">The socket's cookie.</param>
    public ListenerEntry? OwnerOf(ulong cookie) => _slots.TryGetValue(cookie, out var slot) ? _records[slot].Owner : null;

    /// <summary>The record in a slot, valid until the next call of <see cref="Take"/>.</summary>
    /// <param name="slot">The slot.</param>
    public ref SocketRecord this[int slot] => ref _records[slot];

    /// <summary>Calls back for each socket that the last look saw and this one did not.</summary>
    /// <param name="visit">Takes the slot of its record.</param>
    /// <param name="state">Handed on.</param>
    /// <typeparam name="TState">What the callback works on.</typeparam>
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

    /// <summary>Ends a look: where too many are away, those away longest are forgotten, until half of the room is free again.</summary>
    public void End()
    {
        if (_slots.Count - _there <= MostAway)
        {
            return;
        }

        // that there is room again makes this rare: what it allocates is no cost of each tick
        var looks = _slots.Values.Select(slot => _records[slot].Look).Where(look => look != Look).Order().ToArray();
        var oldestKept = looks[looks.Length - (MostAway / 2)];
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

        // no slot is free: those in use are the first ones, and the new socket is counted already
        var slot = _slots.Count - 1;
        if (slot == _records.Length)
        {
            Array.Resize(ref _records, _records.Length * 2);
        }

        return slot;
    }
}
