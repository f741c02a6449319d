using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>Those who come to a host from outside, over a veth pair: clients of a service that comes and goes, checks that never finish a handshake, scans.</summary>
internal sealed class Visitors : Fault
{
    private readonly NetNamespace _host;
    private readonly NetNamespace _outside = NetNamespace.Create();
    private readonly IPAddress _there;
    private KernelSocket? _listener;
    private KernelSocket? _raw;
    private uint _sent;

    /// <summary>Joins the host with the outside.</summary>
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

    /// <summary>The outside, to be disposed after this.</summary>
    public IDisposable Outside => _outside;

    /// <summary>Begins to listen.</summary>
    /// <param name="port">Where.</param>
    /// <returns>Where it listens.</returns>
    public IPEndPoint Listen(int port)
    {
        Build(_host, () => _listener = Keep(KernelSocket.Listener(Host, backlog: 128, port)));
        return new IPEndPoint(Host, port);
    }

    /// <summary>Listens no more.</summary>
    public void StopListening() => _listener!.Dispose();

    /// <summary>Clients that connect, one after another, and leave at once; a refusal is what some of them meet.</summary>
    /// <param name="port">Where to.</param>
    /// <param name="count">How many.</param>
    public void Connect(int port, int count) => _outside.Run(() =>
    {
        for (var i = 0; i < count; i++)
        {
            using var client = KernelSocket.Tcp();
            _ = client.TryConnect(new IPEndPoint(Host, port));
        }
    });

    /// <summary>
    /// SYNs by hand. What answers is met by a reset: the visitor's kernel knows of no such connection. So do half-open health
    /// checks, and scans.
    /// </summary>
    /// <param name="ports">Where to, one SYN each.</param>
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
