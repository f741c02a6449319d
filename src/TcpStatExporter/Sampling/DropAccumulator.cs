using System.Runtime.InteropServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Turns the drop counts of sockets, which die with their socket and start at 0 in a new one, into what has been added
/// since the last sample.
/// </summary>
/// <remarks>
/// sk_drops is an atomic_t: 32 bits that wrap. Differences are taken modulo 2^32.
/// A dump of more than about 150 listeners takes several receives, between which the kernel finds its place by counting
/// sockets within a hash bucket (net/ipv4/inet_diag.c, inet_diag_dump_icsk()): as others come and go, one may be skipped
/// or told twice, and no flag says so. Cookies are never used twice, so a socket is remembered for a while.
/// </remarks>
internal sealed class DropAccumulator
{
    /// <summary>Samples after which a socket that none of them has seen is forgotten.</summary>
    public const int Retention = 60;

    private readonly Dictionary<ulong, Seen> _sockets = [];
    private uint _round;
    private int _seenThisRound;

    /// <summary>Sockets that are remembered.</summary>
    public int Count => _sockets.Count;

    /// <summary>Starts a sample.</summary>
    public void Begin()
    {
        _round++;
        _seenThisRound = 0;
    }

    /// <summary>Takes the count of one socket.</summary>
    /// <param name="cookie">The socket's cookie.</param>
    /// <param name="drops">Its count.</param>
    /// <param name="added">What this socket has dropped since it was seen last; all of its count where it was never seen.</param>
    /// <returns>False where this sample has seen the socket already.</returns>
    public bool TryObserve(ulong cookie, uint drops, out uint added)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_sockets, cookie, out var known);
        if (known && seen.Round == _round)
        {
            added = 0;
            return false;
        }

        added = known ? unchecked(drops - seen.Drops) : drops;
        seen = new Seen(drops, _round);
        _seenThisRound++;
        return true;
    }

    /// <summary>Ends a sample: sockets that have not been seen for long are forgotten.</summary>
    public void End()
    {
        if (_seenThisRound == _sockets.Count)
        {
            return;
        }

        foreach (var (cookie, seen) in _sockets)
        {
            if (_round - seen.Round > Retention)
            {
                _sockets.Remove(cookie);
            }
        }
    }

    private readonly record struct Seen(uint Drops, uint Round);
}
