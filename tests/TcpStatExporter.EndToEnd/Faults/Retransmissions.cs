using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Connections whose data does not arrive: the sender retransmits, first after about 0.2 s, then at growing intervals.
/// RetransSegs counts each retransmission, TCPTimeouts each timeout. The connections stay ESTABLISHED.
/// </summary>
internal sealed class Retransmissions : Fault
{
    private readonly List<KernelSocket> _deaf = [];

    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">Number of connections.</param>
    public Retransmissions(NetNamespace ns, int count)
    {
        Build(ns, () =>
        {
            var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, count));
            for (var i = 0; i < count; i++)
            {
                var (client, server) = Connection(listener);
                server.Attach(SocketFilter.Nothing);
                client.Send("lost"u8);
                _deaf.Add(server);
            }
        });
    }

    /// <summary>Lets the data through, and waits until it has arrived.</summary>
    public void Heal()
    {
        foreach (var server in _deaf)
        {
            server.DetachFilter();
        }

        foreach (var server in _deaf)
        {
            server.WaitForData();
        }
    }
}
