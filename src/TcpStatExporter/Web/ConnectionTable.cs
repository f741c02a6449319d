using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>
/// Bounds the connections, and with them the memory, without letting those who hold connections shut others out: where
/// there is no more room, the peer that holds most gives up the connection on which it has been silent longest. A limit
/// alone would be the attack: some hundred idle connections, and no scraper comes in.
/// </summary>
/// <param name="max">Connections at a time; at least 1.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionTable(int max, TimeProvider time)
{
    /// <summary>Times as many connections as have a place: with those on their way out, which may be slower than a storm.</summary>
    private const int MostOfPlaces = 4;

    /// <summary>A peer with no more than this part of the places is not what makes a storm.</summary>
    private const int FewOfPlaces = 64;

    /// <summary>Connections that are accepted at a time for each that may have a place: some of them are yet to be looked at.</summary>
    internal const int AcceptedOfPlaces = MostOfPlaces + 1;

    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    private readonly HashSet<Place> _places = [];
    private readonly Dictionary<Peer, Share> _shares = [];
    private int _alive;

    /// <summary>Room for connections that are accepted: a permit each, which <see cref="Admit"/> gives back at its end.</summary>
    public SemaphoreSlim Room { get; } = new(max * AcceptedOfPlaces);

    /// <summary>Connections that have a place.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Marks a connection as busy while it has a request, which makes it the last to be given up.</summary>
    /// <param name="next">What answers the request.</param>
    public static RequestDelegate Busy(RequestDelegate next) => async context =>
    {
        // none where the server runs without a table
        var place = context.Features.Get<Place>();
        place?.Begin();
        try
        {
            await next(context);
        }
        finally
        {
            place?.End();
        }
    };

    /// <summary>Gives each connection a place before anything is read of it, or closes it.</summary>
    /// <param name="next">What serves the connection.</param>
    public ConnectionDelegate Admit(ConnectionDelegate next) => async connection =>
    {
        var place = Enter(connection);
        if (place is null)
        {
            connection.Abort();
            Room.Release();
            return;
        }

        connection.Features.Set(place);
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(place);
            Room.Release();
        }
    };

    private Place? Enter(ConnectionContext connection)
    {
        Place? victim = null;
        Place place;
        lock (_lock)
        {
            var peer = Peer.Of((connection.RemoteEndPoint as IPEndPoint)?.Address);
            if (!_shares.TryGetValue(peer, out var share))
            {
                share = new Share(peer);
            }

            // who holds next to nothing comes in nevertheless: a scraper, whose last connection may not have ended yet
            if (_alive >= max * MostOfPlaces && share.Held > max / FewOfPlaces)
            {
                return null;
            }

            if (_places.Count >= max)
            {
                victim = _places.MinBy(held => held.Standing);

                // a request under way is not given up for a peer that holds as much
                if (victim!.IsBusy && victim.Share.Held <= share.Held + 1)
                {
                    return null;
                }

                Remove(victim);
            }

            _shares[peer] = share;
            place = new Place(this, connection, share, _time.GetTimestamp());
            _places.Add(place);
            share.Held++;
            _alive++;
        }

        victim?.Connection.Abort();
        return place;
    }

    private void Leave(Place place)
    {
        lock (_lock)
        {
            Remove(place);
            _alive--;
        }
    }

    private void Remove(Place place)
    {
        // one that was given up leaves a second time
        if (_places.Remove(place) && --place.Share.Held == 0)
        {
            _shares.Remove(place.Share.Peer);
        }
    }

    private sealed class Share(Peer peer)
    {
        public Peer Peer { get; } = peer;

        public int Held { get; set; }
    }

    /// <summary>One connection's place; a feature of the connection.</summary>
    private sealed class Place(ConnectionTable table, ConnectionContext connection, Share share, long since)
    {
        private int _requests;
        private long _since = since;

        public ConnectionContext Connection { get; } = connection;

        public Share Share { get; } = share;

        public bool IsBusy => _requests > 0;

        /// <summary>The least of all is the first to go.</summary>
        public (int FewestHeldFirst, bool IsBusy, long Since) Standing => (-Share.Held, IsBusy, _since);

        public void Begin()
        {
            lock (table._lock)
            {
                _requests++;
            }
        }

        public void End()
        {
            lock (table._lock)
            {
                _requests--;
                _since = table._time.GetTimestamp();
            }
        }
    }
}
