using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients that come in rounds: those of the last round that got no answer give up, and new ones come. Before a full
/// queue they are a loss that goes on; one client alone would retry a second later, and then ever less often.
/// </summary>
/// <param name="ns">Where.</param>
/// <param name="remote">Where they connect to.</param>
internal sealed class ImpatientClients(NetNamespace ns, IPEndPoint remote) : Fault
{
    /// <summary>A round.</summary>
    /// <param name="count">Clients that come.</param>
    public void Come(int count)
    {
        StopRetries();
        Build(ns, () => BeginConnecting(remote, count));
    }
}
