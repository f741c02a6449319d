using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Host;

/// <summary>A socket that listens and that another process made, such as systemd.</summary>
internal static class ListenSocket
{
    /// <summary>The address that it listens on (getsockname(2)); null where it is no socket of IP.</summary>
    /// <param name="descriptor">Its descriptor, which stays open.</param>
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
