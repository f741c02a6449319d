using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A healthy server with TCP_DEFER_ACCEPT, as Apache has it by default: every request is answered at once. The kernel
/// discards the bare ACK that ends each handshake, and counts it at the listener (sk_drops): no loss, for all that.
/// </summary>
internal sealed class DeferredAccepts : Fault
{
    private const int Seconds = 30;
    private const int Backlog = 511;

    private readonly NetNamespace _ns;
    private KernelSocket _listener = null!;

    /// <summary>Makes the server.</summary>
    /// <param name="ns">Where.</param>
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

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listener { get; private set; } = null!;

    /// <summary>Clients that connect, send a request and read the answer, one after the other.</summary>
    /// <param name="requests">How many.</param>
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
