using System.Runtime.InteropServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Turns the drop counts of sockets, which die with their socket and start at 0 in a new one, into what has been added
/// since the last sample.
/// </summary>
/// <remarks>sk_drops is an atomic_t: 32 bits that wrap. Differences are taken modulo 2^32.</remarks>
internal sealed class DropAccumulator
{
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
    /// <returns>What this socket has dropped since it was seen last; all of its count where it was never seen.</returns>
    public uint Observe(ulong cookie, uint drops)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_sockets, cookie, out var known);
        var added = known ? unchecked(drops - seen.Drops) : drops;
        if (!known || seen.Round != _round)
        {
            _seenThisRound++;
        }

        seen = new Seen(drops, _round);
        return added;
    }

    /// <summary>Ends a sample: sockets that were not seen in it are forgotten.</summary>
    public void End()
    {
        if (_seenThisRound == _sockets.Count)
        {
            return;
        }

        foreach (var (cookie, seen) in _sockets)
        {
            if (seen.Round != _round)
            {
                _sockets.Remove(cookie);
            }
        }
    }

    private readonly record struct Seen(uint Drops, uint Round);
}
