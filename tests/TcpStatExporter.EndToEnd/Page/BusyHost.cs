using System.Diagnostics;
using System.Net;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>A typical host: a dozen services, one that cannot keep up, one that nearly cannot, and traffic.</summary>
internal sealed class BusyHost : IDisposable
{
    private static readonly (string Unit, int Port, int Backlog)[] Services =
    [
        ("checkout-api", 8080, 8), ("rabbitmq-server", 5672, 64), ("nginx", 443, 511), ("nginx", 80, 511), ("ssh", 22, 128), ("postgresql@15-main", 5432, 200),
        ("redis-server", 6379, 511), ("prometheus", 9090, 4096), ("prometheus-node-exporter", 9100, 4096), ("grafana-server", 3000, 4096), ("memcached", 11211, 1024), ("exim4", 25, 20),
    ];

    private readonly NetNamespace _ns;
    private readonly List<ServiceUnit> _units = [];
    private readonly List<KernelSocket> _listeners = [];
    private readonly Queue<KernelSocket> _open = new();
    private readonly List<KernelSocket> _stuck = [];

    /// <summary>Creates the host, idle.</summary>
    /// <param name="ns">The namespace.</param>
    public BusyHost(NetNamespace ns)
    {
        _ns = ns;
        var units = Services.Select(service => service.Unit).Distinct(StringComparer.Ordinal).ToDictionary(unit => unit, unit => new ServiceUnit(unit), StringComparer.Ordinal);
        _units.AddRange(units.Values);
        foreach (var (unit, port, backlog) in Services)
        {
            _listeners.Add(units[unit].Run(() => ns.Run(() => KernelSocket.Listener(IPAddress.Any, backlog, port))));
        }
    }

    /// <summary>Runs its load for some time.</summary>
    /// <param name="time">The time.</param>
    public void Run(TimeSpan time)
    {
        Connect(1, 61);
        var started = Stopwatch.GetTimestamp();
        for (var second = 0; Stopwatch.GetElapsedTime(started) < time; second++)
        {
            // a wave, so there is something to see
            Serve(2, (int)(25 + (15 * Math.Sin(second / 6.0))));
            if (second > 25 && second % 4 == 0)
            {
                Connect(0, 5);
            }

            Thread.Sleep(Math.Max(0, (int)(TimeSpan.FromSeconds(second + 1) - Stopwatch.GetElapsedTime(started)).TotalMilliseconds));
        }
    }

    public void Dispose()
    {
        foreach (var socket in (IEnumerable<KernelSocket>)[.. _stuck, .. _open, .. _listeners])
        {
            socket.Dispose();
        }

        _units.ForEach(unit => unit.Dispose());
    }

    private void Serve(int service, int clients) => _ns.Run(() =>
    {
        for (var i = 0; i < clients; i++)
        {
            var client = KernelSocket.Connected(new IPEndPoint(IPAddress.Loopback, Services[service].Port));
            _open.Enqueue(client);
            _open.Enqueue(_listeners[service].Accept());
        }

        while (_open.Count > 700)
        {
            _open.Dequeue().Dispose();
        }
    });

    private void Connect(int service, int clients) => _ns.Run(() =>
    {
        for (var i = 0; i < clients; i++)
        {
            _stuck.Add(KernelSocket.Connecting(new IPEndPoint(IPAddress.Loopback, Services[service].Port)));
        }
    });
}
