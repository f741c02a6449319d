using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Receivers whose buffer shrinks after the window was offered, and senders that fill that window: of each connection
/// a segment arrives that the kernel has no room for, counted in TCPRcvQDrop, and in RcvPruned for the failed attempt
/// to make room. The sender retransmits, and then probes the closed window.
/// </summary>
internal sealed class ReceiveQueueOverrun : Fault
{
    private const int Segment = 1000;
    private const int Segments = 40;

    private readonly NetNamespace _ns;
    private readonly Queue<(KernelSocket Client, KernelSocket Server)> _connections = new();
    private KernelSocket _listener = null!;

    /// <summary>Makes the server.</summary>
    /// <param name="ns">Where.</param>
    public ReceiveQueueOverrun(NetNamespace ns)
    {
        _ns = ns;
        Build(ns, () => _listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16)));
    }

    /// <summary>A round of connections, each overrun.</summary>
    /// <param name="count">Connections.</param>
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

    /// <summary>Ends the oldest connections: a server that never reads would be another fault.</summary>
    /// <param name="left">How many are left.</param>
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
