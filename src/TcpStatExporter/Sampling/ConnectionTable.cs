using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Follows connections from sweep to sweep by their cookie, for what each sent in between. Memory is bounded: of more than
/// <see cref="Capacity"/> connections, those that were there first are followed.
/// </summary>
internal sealed class ConnectionTable
{
    /// <summary>Maximum number of connections that are followed.</summary>
    public const int Capacity = 65_536;

    private readonly Dictionary<ulong, Connection> _connections = [];
    private uint _pass;
    private uint _firstPass;
    private bool _hasEnded = true;

    /// <summary>Starts a sweep. One that did not end does not count: what was sent in it adds to this one.</summary>
    public void Begin()
    {
        _pass++;
        if (_hasEnded)
        {
            (_firstPass, _hasEnded) = (_pass, false);
        }
    }

    /// <summary>Starts the sweep again: the dump broke off, and all sockets come once more.</summary>
    public void Restart() => _pass++;

    /// <summary>Takes a connection that the sweep met.</summary>
    /// <param name="socket">The socket, with its traffic.</param>
    /// <param name="traffic">
    /// What it sent since the sweep before. Nothing for a connection that this sweep sees for the first time, because a dump
    /// may also miss one that is old.
    /// </param>
    /// <returns>False for one that is not followed, and for one that the dump reports twice.</returns>
    public bool TryFollow(in TcpSocket socket, out Traffic traffic)
    {
        traffic = default;
        if (!socket.HasTraffic || socket.Cookie == 0 || (_connections.Count >= Capacity && !_connections.ContainsKey(socket.Cookie)))
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
        traffic = known.Now.Since(known.Before);
        return true;
    }

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

        _hasEnded = true;
    }

    private struct Connection
    {
        public Traffic Before;
        public Traffic Now;
        public uint Pass;
    }
}
