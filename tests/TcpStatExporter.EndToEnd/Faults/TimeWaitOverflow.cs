using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// The client closes more connections than tcp_max_tw_buckets allows in TIME_WAIT. The excess disappears at once, and each
/// one counts in TCPTimeWaitOverflow.
/// </summary>
internal sealed class TimeWaitOverflow : Fault
{
    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace. Its tcp_max_tw_buckets is set.</param>
    /// <param name="buckets">tcp_max_tw_buckets.</param>
    /// <param name="closes">Number of connections to open and close.</param>
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

                // the client's FIN first while both ends are open, so FIN_WAIT2 takes no bucket
                client.ShutdownSend();
                server.WaitFor(TcpState.CloseWait);
                server.ShutdownSend();
                client.WaitFor(TcpState.Close);
            }
        });
    }
}
