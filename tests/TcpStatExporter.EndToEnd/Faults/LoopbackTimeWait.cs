using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Looks like <see cref="PortExhaustion"/>, but is harmless: ports of ip_local_port_range, usually all of them, are used by
/// loopback connections that their client has closed. The kernel lets connect(2) reuse such a port one second later
/// (tcp_twsk_unique).
/// </summary>
internal sealed class LoopbackTimeWait : Fault
{
    private const int FirstPort = 40000;

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace. Its ip_local_port_range is set.</param>
    /// <param name="ports">Number of ports in the range.</param>
    /// <param name="connects">Number of connections. Default: the number of ports.</param>
    public LoopbackTimeWait(NetNamespace ns, int ports, int? connects = null)
    {
        Build(ns, () =>
        {
            // bound before the range is set, so it takes none of these ports
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 4096, FirstPort - 1));
            Destination = listener.LocalEndPoint;
            ns.SetSysctl("net.ipv4.ip_local_port_range", $"{FirstPort} {FirstPort + ports - 1}");
            for (var i = 0; i < (connects ?? ports); i++)
            {
                using var client = KernelSocket.Connected(Destination);
                using var server = listener.Accept();
                client.ShutdownSend();
                server.WaitFor(TcpState.CloseWait);
                server.ShutdownSend();
                client.WaitFor(TcpState.Close);
                TimeWait++;
            }
        });
    }

    /// <summary>The destination of the connections.</summary>
    public IPEndPoint Destination { get; private set; } = null!;

    /// <summary>Number of connections left in TIME_WAIT.</summary>
    public int TimeWait { get; private set; }
}
