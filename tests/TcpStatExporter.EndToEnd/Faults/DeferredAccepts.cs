using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A healthy server with TCP_DEFER_ACCEPT, Apache's default. Every request is answered at once. The kernel discards the bare
/// ACK that ends each handshake and counts it at the listener (sk_drops), but that is not a loss.
/// </summary>
internal sealed class DeferredAccepts : Fault
{
    private const int Seconds = 30;
    private const int Backlog = 511;

    private readonly NetNamespace _ns;
    private KernelSocket _listener = null!;

    /// <summary>Creates the server.</summary>
    /// <param name="ns">The namespace.</param>
    public DeferredAccepts(NetNamespace ns)
    {
        _ns = ns;
        Build(ns, () =>
        {
            _listener = Keep(KernelSocket.Tcp());
            _listener.SetOption(Libc.IpProtoTcp, Libc.TcpDeferAccept, Seconds);
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(Backlog);
            Listener = _listener.LocalEndPoint;
        });
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Clients that connect, send a request and read the answer, one after the other.</summary>
    /// <param name="requests">Number of requests.</param>
    public void Serve(int requests) => _ns.Run(() =>
    {
        for (var i = 0; i < requests; i++)
        {
            using var client = KernelSocket.Connected(Listener);
            client.Send("hi"u8);
            using var server = _listener.Accept();
            server.ReceiveAll(2);
            server.Send("ok"u8);
            client.ReceiveAll(2);
        }
    });
}
