using System.Runtime.InteropServices;

namespace TcpStatExporter.Web;

/// <summary>
/// Limits concurrent scrapes, because each one holds a page in memory. One peer gets at most half of the slots, so clients
/// that read slowly on purpose cannot lock others out.
/// </summary>
/// <param name="max">Maximum number of concurrent scrapes. 0: no limit.</param>
internal sealed class ScrapeSlots(int max)
{
    private readonly int _maxOfPeer = (max + 1) / 2;
    private readonly Lock _lock = new();
    private readonly Dictionary<Peer, int> _held = [];
    private int _all;

    /// <summary>Takes a slot.</summary>
    /// <param name="peer">The peer that scrapes.</param>
    /// <returns>False if no slot is left for this peer.</returns>
    public bool TryEnter(Peer peer)
    {
        lock (_lock)
        {
            _held.TryGetValue(peer, out var held);
            if (max > 0 && (_all >= max || held >= _maxOfPeer))
            {
                return false;
            }

            _all++;
            _held[peer] = held + 1;
            return true;
        }
    }

    /// <summary>Returns a slot.</summary>
    /// <param name="peer">The peer that took it.</param>
    public void Leave(Peer peer)
    {
        lock (_lock)
        {
            _all--;
            if (--CollectionsMarshal.GetValueRefOrNullRef(_held, peer) == 0)
            {
                _held.Remove(peer);
            }
        }
    }
}
