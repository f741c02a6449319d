using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>UDP packets over loopback, each to an address of its own: an entry of connection tracking each, for 30 seconds.</summary>
internal static class TrackedPackets
{
    private const int Addresses = 65_536;

    /// <summary>Has connection tracking look at what a namespace sends: it does nothing until a rule asks for it. The rule drops nothing.</summary>
    /// <param name="ns">The namespace.</param>
    public static void Track(NetNamespace ns) => ns.Exec("iptables", "-A", "OUTPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "ACCEPT").Checked();

    /// <summary>Sends packets that nobody answers.</summary>
    /// <param name="ns">From and to this namespace.</param>
    /// <param name="count">How many, each to another address or port.</param>
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
