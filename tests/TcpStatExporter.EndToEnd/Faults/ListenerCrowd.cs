using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>Many idle listeners. Not a fault, but more series than a host usually has.</summary>
internal sealed class ListenerCrowd : Fault
{
    /// <summary>Creates the listeners.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">Number of listeners.</param>
    public ListenerCrowd(NetNamespace ns, int count) => Build(ns, () =>
    {
        for (var i = 0; i < count; i++)
        {
            Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 1));
        }
    });
}
