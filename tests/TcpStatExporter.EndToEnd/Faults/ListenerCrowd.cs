using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>Many idle listeners. No fault, but more series than a host usually has.</summary>
internal sealed class ListenerCrowd : Fault
{
    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="count">Listeners.</param>
    public ListenerCrowd(NetNamespace ns, int count) => Build(ns, () =>
    {
        for (var i = 0; i < count; i++)
        {
            Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 1));
        }
    });
}
