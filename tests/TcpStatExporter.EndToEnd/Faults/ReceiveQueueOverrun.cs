using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Receivers whose buffer shrinks after the window was offered, and senders that fill that window. On each connection a
/// segment arrives that the kernel has no room for. It counts in TCPRcvQDrop, and in RcvPruned for the failed attempt to make
/// room. The sender retransmits, then probes the closed window.
/// </summary>
internal sealed class ReceiveQueueOverrun : Fault
{
    private const int Segment = 1000;
    private const int Segments = 40;

    private readonly NetNamespace _ns;
    private readonly Queue<(KernelSocket Client, KernelSocket Server)> _connections = new();
    private KernelSocket _listener = null!;

    /// <summary>Creates the server.</summary>
    /// <param name="ns">The namespace.</param>
    public ReceiveQueueOverrun(NetNamespace ns)
    {
        _ns = ns;
        Build(ns, () => _listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16)));
    }

    /// <summary>Creates a round of connections and overruns each of them.</summary>
    /// <param name="count">Number of connections.</param>
    public void Overrun(int count) => Build(_ns, () =>
    {
        var data = new byte[Segment];
        for (var i = 0; i < count; i++)
        {
            var (client, server) = Connection(_listener);
            _connections.Enqueue((client, server));
            client.SetOption(Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
            server.SetOption(Libc.SolSocket, Libc.SoReceiveBuffer, 1);
            for (var j = 0; j < Segments; j++)
            {
                client.Send(data);
            }
        }
    });

    /// <summary>Closes the oldest connections, because a server that never reads would be another fault.</summary>
    /// <param name="left">Number of connections to keep.</param>
    public void End(int left)
    {
        while (_connections.Count > left)
        {
            var (client, server) = _connections.Dequeue();
            client.Dispose();
            server.Dispose();
        }
    }
}
