using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// More connections closed by the client than tcp_max_tw_buckets allows in TIME_WAIT. Those beyond it vanish at once,
/// and each counts in TCPTimeWaitOverflow.
/// </summary>
internal sealed class TimeWaitOverflow : Fault
{
    /// <summary>Makes it.</summary>
    /// <param name="ns">Where; tcp_max_tw_buckets is set in it.</param>
    /// <param name="buckets">tcp_max_tw_buckets.</param>
    /// <param name="closes">Connections opened and closed.</param>
    public TimeWaitOverflow(NetNamespace ns, int buckets = 10, int closes = 50)
    {
        ns.SetSysctl("net.ipv4.tcp_max_tw_buckets", $"{buckets}");
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16));
            for (var i = 0; i < closes; i++)
            {
                using var client = KernelSocket.Connected(listener.LocalEndPoint);
                using var server = listener.Accept();

                // the client's FIN first, both held: no bucket is spent on FIN_WAIT2
                client.ShutdownSend();
                server.WaitFor(TcpState.CloseWait);
                server.ShutdownSend();
                client.WaitFor(TcpState.Close);
            }
        });
    }
}
