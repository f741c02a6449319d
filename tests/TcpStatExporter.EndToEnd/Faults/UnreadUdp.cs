using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>A UDP socket that nobody reads, at a port of a service: what its receive buffer does not take is dropped.</summary>
internal sealed class UnreadUdp : IDisposable
{
    /// <summary>Where it is bound.</summary>
    public static readonly IPEndPoint Receiver = new(IPAddress.Loopback, 21_091);

    private readonly NetNamespace _ns;
    private readonly Socket _socket;

    /// <summary>Binds it.</summary>
    /// <param name="ns">Where.</param>
    public UnreadUdp(NetNamespace ns)
    {
        _ns = ns;
        _socket = ns.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8192 };
            socket.Bind(Receiver);
            return socket;
        });
    }

    /// <summary>Sends datagrams to it.</summary>
    /// <param name="count">How many.</param>
    public void Send(int count) => _ns.Run(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var data = new byte[100];
        for (var i = 0; i < count; i++)
        {
            socket.SendTo(data, Receiver);
        }
    });

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
