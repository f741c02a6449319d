using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients that leave while they wait in an accept queue with free space: CLOSE_WAIT with inode 0, which no application
/// leaked.
/// </summary>
internal sealed class DepartedClients : Fault
{
    private readonly NetNamespace _ns;

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="clients">Number of clients that come and leave.</param>
    /// <param name="backlog">Limit of the accept queue.</param>
    public DepartedClients(NetNamespace ns, int clients, int backlog)
    {
        _ns = ns;
        Build(ns, () => Listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog)).LocalEndPoint);
        Come(clients);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Clients that come and leave.</summary>
    /// <param name="clients">Number of clients.</param>
    public void Come(int clients) => Build(_ns, () =>
    {
        for (var i = 0; i < clients; i++)
        {
            using var client = KernelSocket.Connected(Listener);
            client.ShutdownSend();
            client.WaitFor(TcpState.FinWait2);
        }
    });
}
