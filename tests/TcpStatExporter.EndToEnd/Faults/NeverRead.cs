using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A server that accepts connections but does not read what its clients send. No counter changes while the data fits into the
/// windows.
/// </summary>
internal sealed class NeverRead : Fault
{
    private readonly List<KernelSocket> _clients = [];

    /// <summary>Creates the server and the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="connections">Number of connections.</param>
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

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>The oldest clients stop waiting.</summary>
    /// <param name="count">Number of clients.</param>
    public void Leave(int count)
    {
        _clients.Take(count).ToList().ForEach(client => client.Dispose());
        _clients.RemoveRange(0, Math.Min(count, _clients.Count));
    }
}
