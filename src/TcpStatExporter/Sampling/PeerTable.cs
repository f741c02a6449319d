using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Sums the traffic of a sweep by peer, and names those with most weight: retransmitted bytes, or connections. It gets only connections that
/// <see cref="ConnectionTable"/> follows, so there are at most as many peers. Allocates only when a new peer is named.
/// </summary>
/// <param name="max">Maximum number of peers that are named.</param>
internal sealed class PeerTable(int max)
{
    private readonly Dictionary<Key, Sums> _peers = [];
    private readonly (Key Key, PeerName Name)[] _names = new (Key, PeerName)[max];
    private readonly (Key Key, PeerName Name)[] _newNames = new (Key, PeerName)[max];
    private readonly Ranking<Candidate> _top = new(max);
    private int _named;

    /// <summary>Forgets all peers and keeps the memory.</summary>
    public void Clear() => _peers.Clear();

    /// <summary>Adds one connection.</summary>
    /// <param name="address">Remote address.</param>
    /// <param name="port">Remote port; 0 for a client.</param>
    /// <param name="weight">What it adds to the weight of the peer.</param>
    /// <param name="traffic">What it sent since the sweep before.</param>
    /// <param name="roundTripMicroseconds">Its smoothed round-trip time; 0 if not known.</param>
    public void Add(IpAddress address, ushort port, ulong weight, in Traffic traffic, uint roundTripMicroseconds)
    {
        ref var sums = ref CollectionsMarshal.GetValueRefOrAddDefault(_peers, new Key(address, port), out _);
        sums.Weight += weight;
        sums.Sent += traffic.Sent;
        sums.Retransmitted += traffic.Retransmitted;
        sums.Connections++;
        if (roundTripMicroseconds > 0)
        {
            sums.RoundTripMicroseconds += roundTripMicroseconds;
            sums.RoundTrips++;
        }
    }

    /// <summary>Hands out the peers with most weight, most first. Those without any are left out.</summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<PeerTraffic> rows)
    {
        _top.Clear();
        foreach (var (key, sums) in _peers)
        {
            if (sums.Weight > 0)
            {
                _top.Add(new Candidate(key, sums));
            }
        }

        rows.Clear();
        for (var i = 0; i < _top.Count; i++)
        {
            ref readonly var one = ref _top[i];
            var name = NameOf(one.Key);
            _newNames[i] = (one.Key, name);
            rows.Add(new PeerTraffic
            {
                Peer = name,
                Traffic = new Traffic(one.Sums.Sent, one.Sums.Retransmitted),
                Connections = one.Sums.Connections,
                RoundTripSeconds = one.Sums.RoundTrips == 0 ? double.NaN : one.Sums.RoundTripMicroseconds / 1e6 / one.Sums.RoundTrips,
            });
        }

        Array.Copy(_newNames, _names, _top.Count);
        _named = _top.Count;
    }

    private PeerName NameOf(in Key key)
    {
        for (var i = 0; i < _named; i++)
        {
            if (_names[i].Key == key)
            {
                return _names[i].Name;
            }
        }

        return new PeerName(key.Port == 0 ? key.Address.ToString() : key.Address.ToString(key.Port));
    }

    private readonly record struct Key(IpAddress Address, ushort Port);

    private struct Sums
    {
        public ulong Weight;
        public ulong Sent;
        public ulong Retransmitted;
        public ulong RoundTripMicroseconds;
        public int RoundTrips;
        public int Connections;
    }

    private readonly struct Candidate(Key key, Sums sums) : IRanked<Candidate>
    {
        public readonly Key Key = key;
        public readonly Sums Sums = sums;

        /// <inheritdoc/>
        public bool Precedes(in Candidate other) => Sums.Weight > other.Sums.Weight;
    }
}
