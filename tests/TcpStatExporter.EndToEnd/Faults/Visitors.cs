using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Visitors from outside, over a veth pair: clients of a service that comes and goes, checks that never complete a handshake,
/// scans.
/// </summary>
internal sealed class Visitors : Fault
{
    private readonly NetNamespace _host;
    private readonly NetNamespace _outside = NetNamespace.Create();
    private readonly IPAddress _there;
    private KernelSocket? _listener;
    private KernelSocket? _raw;
    private uint _sent;

    /// <summary>Connects the host with the outside.</summary>
    /// <param name="host">The host.</param>
    public Visitors(NetNamespace host)
    {
        _host = host;
        try
        {
            (Host, _there) = NetNamespace.Join(host, _outside);
        }
        catch
        {
            _outside.Dispose();
            throw;
        }
    }

    /// <summary>The host's address.</summary>
    public IPAddress Host { get; }

    /// <summary>The outside namespace. Dispose it after this object.</summary>
    public IDisposable Outside => _outside;

    /// <summary>Starts listening.</summary>
    /// <param name="port">Port to listen on.</param>
    /// <returns>The address that it listens on.</returns>
    public IPEndPoint Listen(int port)
    {
        Build(_host, () => _listener = Keep(KernelSocket.Listener(Host, backlog: 128, port)));
        return new IPEndPoint(Host, port);
    }

    /// <summary>Stops listening.</summary>
    public void StopListening() => _listener!.Dispose();

    /// <summary>Clients that connect, one after another, and leave at once. Some of them are refused.</summary>
    /// <param name="port">Port to connect to.</param>
    /// <param name="count">Number of clients.</param>
    public void Connect(int port, int count) => _outside.Run(() =>
    {
        for (var i = 0; i < count; i++)
        {
            using var client = KernelSocket.Tcp();
            _ = client.TryConnect(new IPEndPoint(Host, port));
        }
    });

    /// <summary>Accepts clients, and closes their connections.</summary>
    /// <param name="count">Number of clients.</param>
    public void Accept(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _listener!.Accept().Dispose();
        }
    }

    /// <summary>
    /// Sends raw SYNs. The visitor's kernel answers each SYN-ACK with a reset, because it knows no such connection. Half-open
    /// health checks and scans do the same.
    /// </summary>
    /// <param name="ports">The ports, one SYN each.</param>
    public void SendSyns(IEnumerable<int> ports) => Build(_outside, () =>
    {
        _raw ??= Keep(KernelSocket.Raw());
        foreach (var port in ports)
        {
            var source = new IPEndPoint(_there, 20_000 + (int)(_sent % 10_000));
            var remote = new IPEndPoint(Host, port);
            _raw.SendTo(TcpSegment.Make(source, remote, TcpSegment.Syn, sequence: 1000 + (1000 * _sent), acknowledgement: 0), remote);
            _sent++;
        }
    });
}
