using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Looks like <see cref="PortExhaustion"/> and is none: ports of ip_local_port_range, all of them as a rule, taken by
/// connections over loopback that their client has closed. The kernel lets connect(2) take such a port over a second
/// later (tcp_twsk_unique).
/// </summary>
internal sealed class LoopbackTimeWait : Fault
{
    private const int FirstPort = 40000;

    /// <summary>Makes it.</summary>
    /// <param name="ns">Where; ip_local_port_range is set in it.</param>
    /// <param name="ports">Ports that the range offers.</param>
    /// <param name="connects">Connections; as many as ports if not given.</param>
    public LoopbackTimeWait(NetNamespace ns, int ports, int? connects = null)
    {
        Build(ns, () =>
        {
            // bound before the range is set, so that it takes no port of it
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

    /// <summary>Where the connections went.</summary>
    public IPEndPoint Destination { get; private set; } = null!;

    /// <summary>Connections left in TIME_WAIT.</summary>
    public int TimeWait { get; private set; }
}
