using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients that leave while the server keeps its end: CLOSE_WAIT, and FIN_WAIT2 minisockets on the client's side for
/// tcp_fin_timeout. No counter changes. If the server never accepted them, the sockets have inode 0 and stay in the accept
/// queue.
/// </summary>
internal sealed class CloseWaitLeak : Fault
{
    private readonly NetNamespace _ns;
    private KernelSocket _listener = null!;

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="accepted">Number of connections that the server accepts and does not close.</param>
    /// <param name="unaccepted">Number of connections that it never accepts.</param>
    public CloseWaitLeak(NetNamespace ns, int accepted, int unaccepted)
    {
        _ns = ns;
        Build(ns, () =>
        {
            _listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: accepted + unaccepted));
            Listener = _listener.LocalEndPoint;
        });
        Leak(accepted);
        Build(ns, () =>
        {
            for (var i = 0; i < unaccepted; i++)
            {
                using var client = KernelSocket.Connected(Listener);
                client.ShutdownSend();
                client.WaitFor(TcpState.FinWait2);
            }
        });
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Adds more connections that the server accepts and does not close. None may be waiting unaccepted.</summary>
    /// <param name="count">Number of connections.</param>
    public void Leak(int count) => Build(_ns, () =>
    {
        for (var i = 0; i < count; i++)
        {
            var (client, server) = Connection(_listener);
            client.Dispose();
            server.WaitFor(TcpState.CloseWait);
        }
    });
}
