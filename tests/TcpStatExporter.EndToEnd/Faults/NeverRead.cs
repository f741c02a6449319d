using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>A server that accepts and reads nothing of what its clients send. No counter moves while it fits the windows.</summary>
internal sealed class NeverRead : Fault
{
    private readonly List<KernelSocket> _clients = [];

    /// <summary>Makes it.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="connections">Connections.</param>
    public NeverRead(NetNamespace ns, int connections) => Build(ns, () =>
    {
        var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 4));
        Listener = listener.LocalEndPoint;
        for (var i = 0; i < connections; i++)
        {
            var (client, server) = Connection(listener);
            client.Send("question"u8);
            server.WaitForData();
            _clients.Add(client);
        }
    });

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Clients that wait no longer, the first first.</summary>
    /// <param name="count">How many.</param>
    public void Leave(int count)
    {
        _clients.Take(count).ToList().ForEach(client => client.Dispose());
        _clients.RemoveRange(0, Math.Min(count, _clients.Count));
    }
}
