using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Host;

/// <summary>A listening socket that another process created, such as systemd.</summary>
internal static class ListenSocket
{
    /// <summary>Returns the address that it listens on (getsockname(2)), or null if it is not an IP socket.</summary>
    /// <param name="descriptor">Its descriptor. It stays open.</param>
    public static IPAddress? Address(ulong descriptor)
    {
        try
        {
            using var handle = new SafeSocketHandle((nint)descriptor, ownsHandle: false);
            using var socket = new Socket(handle);
            return (socket.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
