using System.Runtime.InteropServices;

namespace TcpStatExporter.Web;

/// <summary>
/// Bounds the scrapes under way, of which each holds a page. One peer gets half of them at most: readers that are slow
/// on purpose must not shut the others out.
/// </summary>
/// <param name="max">Scrapes at a time; 0: no limit.</param>
internal sealed class ScrapeSlots(int max)
{
    private readonly int _maxOfPeer = (max + 1) / 2;
    private readonly Lock _lock = new();
    private readonly Dictionary<Peer, int> _held = [];
    private int _all;

    /// <summary>Takes a slot.</summary>
    /// <param name="peer">Who scrapes.</param>
    /// <returns>False where there is none left for this peer.</returns>
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

    /// <summary>Gives a slot back.</summary>
    /// <param name="peer">Who took it.</param>
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
