using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Benchmarks;

/// <summary>Listening sockets of this process, on ports that the kernel chooses.</summary>
internal sealed class ListenerSet : IDisposable
{
    private readonly Socket[] _sockets;

    /// <summary>Opens the sockets.</summary>
    /// <param name="count">Number of sockets.</param>
    public ListenerSet(int count) => _sockets = [.. Enumerable.Range(0, count).Select(_ => Listen())];

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_sockets, socket => socket.Dispose());

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(128);
        return socket;
    }
}
