using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Clients that come in rounds: those of the last round without an answer give up, and new ones come. At a full queue they
/// cause ongoing losses. A single client would retry after one second, then less and less often.
/// </summary>
/// <param name="ns">The namespace.</param>
/// <param name="remote">Address to connect to.</param>
internal sealed class ImpatientClients(NetNamespace ns, IPEndPoint remote) : Fault
{
    /// <summary>Starts a round.</summary>
    /// <param name="count">Number of clients.</param>
    public void Come(int count)
    {
        StopRetries();
        Build(ns, () => BeginConnecting(remote, count));
    }
}
