using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// UDP packets over loopback, each to a different address. Each one is a connection tracking entry for 30 seconds.
/// </summary>
internal static class TrackedPackets
{
    private const int Addresses = 65_536;

    /// <summary>
    /// Enables connection tracking for what a namespace sends. It does nothing until a rule uses it. The rule drops nothing.
    /// </summary>
    /// <param name="ns">The namespace.</param>
    public static void Track(NetNamespace ns) => ns.Exec("iptables", "-A", "OUTPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "ACCEPT").Checked();

    /// <summary>Sends packets that nobody answers.</summary>
    /// <param name="ns">The namespace that sends and receives.</param>
    /// <param name="count">Number of packets, each to a different address or port.</param>
    public static void Send(NetNamespace ns, int count) => ns.Run(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var data = new byte[1];
        for (var i = 0; i < count; i++)
        {
            socket.SendTo(data, new IPEndPoint(new IPAddress([127, 1, (byte)(i >> 8), (byte)i]), 9 + (i / Addresses)));
        }
    });
}
