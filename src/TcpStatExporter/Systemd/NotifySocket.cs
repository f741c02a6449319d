using System.Net.Sockets;

namespace TcpStatExporter.Systemd;

/// <summary>
/// The socket of sd_notify(3): datagrams of KEY=VALUE lines to the path, or abstract name, in NOTIFY_SOCKET. A service
/// manager that does not listen is no reason to fail: what cannot be sent is dropped.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    /// <summary>A service manager that does not read its queue must not stop the sampler.</summary>
    private const int SendTimeoutMilliseconds = 200;

    private readonly Socket _socket;

    private NotifySocket(Socket socket) => _socket = socket;

    /// <summary>Connects to the service manager.</summary>
    /// <param name="address">Value of NOTIFY_SOCKET: a path, or a name after "@" (abstract namespace). Null: not under a service manager.</param>
    /// <returns>The socket; null where there is none to talk to, or it does not answer.</returns>
    public static NotifySocket? Connect(string? address)
    {
        // vsock: and other forms of newer systemd are for virtual machines
        if (string.IsNullOrEmpty(address) || address[0] is not ('/' or '@'))
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
            return new NotifySocket(socket);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Sends one datagram; where the queue stays full for a moment it is dropped.</summary>
    /// <param name="message">KEY=VALUE lines.</param>
    public void Send(ReadOnlySpan<byte> message)
    {
        try
        {
            _socket.Send(message, SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // the last tick met the end of the daemon
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
