using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>
/// Limits the number of connections, and so the memory, without letting clients that hold connections lock others out. If
/// there is no room, the peer with the most connections loses the one that has been idle longest. A limit alone would be an
/// attack vector: a few hundred idle connections would keep every scraper out.
/// </summary>
/// <param name="max">Maximum number of connections. At least 1.</param>
/// <param name="time">The clock.</param>
internal sealed class ConnectionTable(int max, TimeProvider time)
{
    /// <summary>
    /// Maximum number of connections as a multiple of the places. It includes connections that are being closed, which may be
    /// slower than a storm.
    /// </summary>
    private const int MostOfPlaces = 4;

    /// <summary>A peer that holds at most 1/64 of the places does not cause a storm.</summary>
    private const int FewOfPlaces = 64;

    /// <summary>Accepted connections for each place. Some of them have not been admitted yet.</summary>
    internal const int AcceptedOfPlaces = MostOfPlaces + 1;

    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    private readonly HashSet<Place> _places = [];
    private readonly Dictionary<Peer, Share> _shares = [];
    private int _alive;

    /// <summary>Permits for accepted connections. <see cref="Admit"/> returns the permit when the connection ends.</summary>
    public SemaphoreSlim Room { get; } = new(max * AcceptedOfPlaces);

    /// <summary>Number of connections that have a place.</summary>
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

    /// <summary>Marks a connection as busy while it serves a request. Busy connections are closed last.</summary>
    /// <param name="next">Handles the request.</param>
    public static RequestDelegate Busy(RequestDelegate next) => async context =>
    {
        // null if the server runs without a table
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

    /// <summary>Gives each connection a place before anything is read from it, or closes it.</summary>
    /// <param name="next">Serves the connection.</param>
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

            // admit a peer that holds next to nothing: it may be a scraper whose last connection has not ended yet
            if (_alive >= max * MostOfPlaces && share.Held > max / FewOfPlaces)
            {
                return null;
            }

            if (_places.Count >= max)
            {
                victim = _places.MinBy(held => held.Standing);

                // do not interrupt a running request for a peer that holds as many connections
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
        // a connection that was evicted leaves a second time
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

    /// <summary>A connection's place. Stored as a feature of the connection.</summary>
    private sealed class Place(ConnectionTable table, ConnectionContext connection, Share share, long since)
    {
        private int _requests;
        private long _since = since;

        public ConnectionContext Connection { get; } = connection;

        public Share Share { get; } = share;

        public bool IsBusy => _requests > 0;

        /// <summary>The smallest value is evicted first.</summary>
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
