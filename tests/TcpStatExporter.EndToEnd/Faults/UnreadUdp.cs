using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A UDP socket that nobody reads, on a service port. Datagrams that do not fit into its receive buffer are dropped.
/// </summary>
internal sealed class UnreadUdp : IDisposable
{
    /// <summary>Bound address.</summary>
    public static readonly IPEndPoint Receiver = new(IPAddress.Loopback, 21_091);

    private readonly NetNamespace _ns;
    private readonly Socket _socket;

    /// <summary>Binds the socket.</summary>
    /// <param name="ns">The namespace.</param>
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

    /// <summary>Sends datagrams to the socket.</summary>
    /// <param name="count">Number of datagrams.</param>
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
