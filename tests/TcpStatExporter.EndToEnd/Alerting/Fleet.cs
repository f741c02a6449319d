using System.Collections.Concurrent;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// Hosts and a namespace that monitors them: Prometheus with the shipped rules, Alertmanager with the shipped routes and
/// inhibitions, and the receiver of its notifications. All durations are twenty times shorter.
/// </summary>
internal sealed class Fleet : IDisposable
{
    private static readonly TimeSpan ScrapeLimit = TimeSpan.FromSeconds(60);

    private readonly TimeScale _scale = TimeScale.Laboratory;
    private readonly List<MonitoredHost> _hosts = [];
    private readonly NetNamespace _monitor = NetNamespace.Create();
    private WebhookReceiver? _receiver;
    private AlertmanagerProcess? _alertmanager;
    private PrometheusProcess? _prometheus;

    /// <summary>Its hosts.</summary>
    public IReadOnlyList<MonitoredHost> Hosts => _hosts;

    /// <summary>The Prometheus of the fleet, after <see cref="Monitor"/>.</summary>
    public PrometheusProcess Prometheus => _prometheus ?? throw new InvalidOperationException("not monitored yet");

    /// <summary>All alerts that Alertmanager has delivered.</summary>
    public IReadOnlyList<Alert> Received => _receiver?.Received ?? [];

    /// <summary>Errors of Prometheus and Alertmanager.</summary>
    public string Log => $"prometheus: {_prometheus?.Log}\nalertmanager: {_alertmanager?.Log}";

    /// <summary>Adds a host. Its exporter is not started yet.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="replacesProcfs">True if its exporter reads <see cref="MonitoredHost.Procfs"/>.</param>
    /// <param name="arguments">Flags for its exporter.</param>
    public MonitoredHost Add(string name, bool replacesProcfs = false, params IEnumerable<string> arguments)
    {
        var host = new MonitoredHost(name, _monitor, _scale, replacesProcfs, arguments);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Starts the exporters, as many at a time as there are processors.</summary>
    public void StartExporters() => ForEachHost(host => host.StartExporter());

    /// <summary>Starts Alertmanager and Prometheus, and waits until each host has been scraped several times.</summary>
    public void Monitor()
    {
        _receiver = new WebhookReceiver(_monitor);
        _alertmanager = AlertmanagerProcess.Start(_monitor, Shipped.Alertmanager, _receiver.Address, _scale);
        _prometheus = PrometheusProcess.Start(
            _monitor,
            _scale.Shorten(Shipped.Rules),
            _hosts.ToDictionary(host => host.Name, host => host.Target, StringComparer.Ordinal),
            AlertmanagerProcess.Web,
            _scale);
        Wait.Until(
            () => _prometheus.Query("count_over_time(tcpstat_build_info[1m]) >= 5").Count == _hosts.Count,
            () => $"every host is scraped; {Log}",
            ScrapeLimit);
    }

    public void Dispose()
    {
        _prometheus?.Dispose();
        _alertmanager?.Dispose();
        _receiver?.Dispose();
        ForEachHost(host => host.Dispose());
        _monitor.Dispose();
    }

    /// <summary>Uses new threads, because pool threads do not inherit the priority.</summary>
    private void ForEachHost(Action<MonitoredHost> work)
    {
        var hosts = new ConcurrentQueue<MonitoredHost>(_hosts);
        var failures = new ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (!failures.IsEmpty)
        {
            throw new AggregateException(failures);
        }

        void Work()
        {
            while (hosts.TryDequeue(out var host))
            {
                try
                {
                    work(host);
                }
                catch (Exception exception)
                {
                    failures.Enqueue(exception);
                }
            }
        }
    }
}
