using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Follows connections from sweep to sweep by their cookie, for what each sent in between and how it ended. Memory is bounded: with more
/// connections than that, those that were there first are followed.
/// </summary>
/// <param name="capacity">Maximum number of connections that are followed.</param>
internal sealed class ConnectionTable(int capacity = ConnectionTable.Capacity)
{
    /// <summary>The capacity for a host.</summary>
    public const int Capacity = 65_536;

    /// <summary>Times of one dump lie a little apart.</summary>
    private static readonly TimeSpan Inexact = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ulong, Connection> _connections = [];
    private uint _pass;
    private uint _firstPass;
    private bool _hasEnded = true;
    private TimeSpan _before;
    private TimeSpan _now;

    /// <summary>Starts a sweep. One that did not end does not count: what was sent in it adds to this one.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Begin(TimeSpan now)
    {
        _pass++;
        _now = now;
        if (_hasEnded)
        {
            (_firstPass, _hasEnded) = (_pass, false);
        }
    }

    /// <summary>Starts the sweep again: the dump broke off, and all sockets come once more.</summary>
    public void Restart() => _pass++;

    /// <summary>Takes a connection that the sweep met.</summary>
    /// <param name="socket">The socket, with its traffic.</param>
    /// <param name="server">The listener that accepted it, if the connection is idle: the server has answered, and nothing is on its way. Else null.</param>
    /// <param name="traffic">
    /// What it sent since the sweep before. Nothing for a connection that this sweep sees for the first time, because a dump
    /// may also miss one that is old.
    /// </param>
    /// <returns>False for one that is not followed, and for one that the dump reports twice.</returns>
    public bool TryFollow(in TcpSocket socket, IdleCloses? server, out Traffic traffic)
    {
        traffic = default;
        if (!socket.HasTraffic || socket.Cookie == 0 || (_connections.Count >= capacity && !_connections.ContainsKey(socket.Cookie)))
        {
            return false;
        }

        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_connections, socket.Cookie, out var isKnown);
        if (isKnown && known.Pass == _pass)
        {
            return false;
        }

        if (!isKnown)
        {
            known.Before = new Traffic(socket.BytesSent, socket.BytesRetransmitted);
        }
        else if (known.Pass < _firstPass)
        {
            known.Before = known.Now;
        }

        known.Now = new Traffic(socket.BytesSent, socket.BytesRetransmitted);
        known.Pass = _pass;
        (known.Server, known.Idle) = (server, IdleTime(in socket));
        traffic = known.Now.Since(known.Before);
        return true;
    }

    /// <summary>
    /// Takes what is left of a connection that this end closed first: its minisocket keeps the cookie. Remembers how long it
    /// was idle until then, if it was idle when it was last seen.
    /// </summary>
    /// <param name="socket">The minisocket.</param>
    /// <param name="lifetime">How long such a minisocket lasts.</param>
    public void TakeClosed(in TcpSocket socket, TimeSpan lifetime)
    {
        if (_connections.Count == 0 || !_connections.ContainsKey(socket.Cookie))
        {
            return;
        }

        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_connections, socket.Cookie);
        var unseen = known.Pass < _firstPass ? _now - _before : TimeSpan.Zero;
        var closed = lifetime - TimeSpan.FromMilliseconds(socket.TimerMilliseconds);
        if (known.Server is { } server && closed <= unseen + Inexact)
        {
            var idle = known.Idle + unseen - closed;
            server.Add(Math.Max(0, idle.TotalSeconds));
        }

        known.Server = null;
    }

    /// <summary>Returns the time since data went either way.</summary>
    /// <param name="socket">A socket with its info.</param>
    public static TimeSpan IdleTime(in TcpSocket socket) => TimeSpan.FromMilliseconds(Math.Min(socket.SinceDataSent, socket.SinceDataReceived));

    /// <summary>Ends a sweep: forgets the connections that it did not meet.</summary>
    public void End()
    {
        foreach (var (cookie, connection) in _connections)
        {
            if (connection.Pass != _pass)
            {
                _connections.Remove(cookie);
            }
        }

        (_hasEnded, _before) = (true, _now);
    }

    private struct Connection
    {
        public Traffic Before;
        public Traffic Now;
        public uint Pass;
        public TimeSpan Idle;
        public IdleCloses? Server;
    }
}
