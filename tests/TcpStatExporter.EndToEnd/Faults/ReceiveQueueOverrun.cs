using System.Net;
using TcpStatExporter.EndToEnd.Lab;

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
            client.SetOption(Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
            server.SetOption(Libc.SolSocket, Libc.SoReceiveBuffer, 1);
            for (var j = 0; j < Segments; j++)
            {
                client.Send(data);
            }
        }
    });
}
