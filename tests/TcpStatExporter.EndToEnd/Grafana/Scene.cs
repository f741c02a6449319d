using System.Diagnostics;
using System.Net;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Namespaces;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// Three hosts, each with its exporter, and one that is down, with a Prometheus that scrapes them every second and has the
/// project's rules. One host has load and nearly all faults, one has a queue that is nearly full, and one is healthy.
/// </summary>
internal sealed class Scene : IDisposable
{
    /// <summary>The host with problems.</summary>
    public const string Troubled = "web-1";

    /// <summary>The host that is well.</summary>
    public const string Well = "db-1";

    /// <summary>The host whose exporter is down.</summary>
    public const string Down = "web-2";

    /// <summary>The name of the container on the host with problems. Its listener overflows too.</summary>
    public const string Pod = "4ec9599fc203";

    private const int StoppedPort = 8443;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(75);

    // the rules count losses over two minutes, and Prometheus must have run that long
    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromMinutes(5);

    private readonly Stack<IDisposable> _parts = new();
    private readonly LabPod _pod;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-scene-");

    /// <summary>Creates the scene and lets it run for its full length.</summary>
    public Scene()
    {
        try
        {
            Monitor = Keep(NetNamespace.Create());
            _pod = Keep(new LabPod($"tcpstat-{Environment.ProcessId}/docker/{Pod}d176a301536c2e091a19bc852759b255bd6818810a42c5fed14a"));
            Keep(new OpenerDouble(Opener));
            var troubled = Host(out var web, _pod);
            var near = Host(out var cache);
            var well = Host(out var db);
            _ = InService("cache", () => new AcceptQueueFull(cache, backlog: 128, clients: 120));
            _ = Keep(new EstablishedPopulation(db, 60));
            var stops = InService("login", () => Listener(web, StoppedPort, device: null));
            Prometheus = Keep(new PrometheusServer(Monitor, Configuration(troubled, near, well)));
            Wait.Until(
                () => Prometheus.Query("instance:tcpstat_listen_attempts:increase2m", from: null, DateTimeOffset.UtcNow).Count == 3,
                () => "the rules have two minutes of each host",
                WarmUpLimit,
                TimeSpan.FromSeconds(1));
            From = DateTimeOffset.UtcNow;
            Play(web, stops);
            Wait.Until(IsScraped, () => "all hosts that are up were scraped in the last seconds", TimeSpan.FromSeconds(60));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The namespace of Prometheus.</summary>
    public NetNamespace Monitor { get; }

    public PrometheusServer Prometheus { get; }

    /// <summary>Start of the scene.</summary>
    public DateTimeOffset From { get; }

    /// <summary>End of the scene. All hosts have their rates at this time. The sockets stay.</summary>
    public DateTimeOffset To { get; private set; }

    /// <summary>Socket of the opener, through which the exporter reads listeners of the container.</summary>
    private string Opener => Path.Combine(_folder.FullName, "opener");

    public void Dispose()
    {
        while (_parts.TryPop(out var part))
        {
            part.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static string Configuration(IPAddress troubled, IPAddress near, IPAddress well) =>
        $"""
        global:
          scrape_interval: 1s
          scrape_timeout: 1s
          evaluation_interval: 1s
        rule_files: ["{Path.Combine(Dashboard.Folder, "../alerts/tcpstat.rules.yml")}"]
        scrape_configs:
          - job_name: tcpstat
            static_configs:
              - targets: ["{troubled}:10006"]
                labels:
                  instance: {Troubled}
              - targets: ["{near}:10006"]
                labels:
                  instance: cache-1
              - targets: ["{well}:10006"]
                labels:
                  instance: {Well}
              - targets: ["127.0.0.1:10006"]
                labels:
                  instance: {Down}
        """;

    /// <summary>
    /// Sets the end to two seconds ago, when all scrapes have completed, and returns true if that moment is usable. A rate
    /// over four scrapes needs two of them. On a busy machine, some fail or come too late.
    /// </summary>
    private bool IsScraped()
    {
        To = DateTimeOffset.UtcNow - TimeSpan.FromSeconds(2);

        // Grafana cuts a time that it writes at the very end of an axis: one of whole 5, 10, 15 or 30 seconds
        return To.Second % 15 is 8 or 9 or 13 or 14 && new[] { "rate(tcpstat_samples_total[3s])", "up == 1", "tcpstat_build_info" }
            .All(expression => Prometheus.Query(expression, from: null, To).Count == 3);
    }

    /// <summary>Creates a host with its exporter, reachable from the monitor.</summary>
    private IPAddress Host(out NetNamespace ns, LabPod? pod = null)
    {
        ns = Keep(NetNamespace.Create());
        var (address, _) = NetNamespace.Join(ns, Monitor);
        var procfs = Keep(new HostProcfs(ns));
        if (pod is not null)
        {
            procfs.Show(pod.Pid);
        }

        Keep(ExporterProcess.Start(
            ns,
            launcher: procfs.Launcher,
            arguments:
            [
                $"--web.listen-address={address}:10006", "--sweep.cpu-budget=10", $"--path.procfs={procfs.Root}",
                pod is null ? "--netns=off" : "--netns=listeners", $"--netns.opener={Opener}", "--netns.interval=1s", $"--netns.include={Pod}",
            ]));
        return address;
    }

    private static KernelSocket Listener(NetNamespace ns, int port, string? device) => ns.Run(() =>
    {
        var listener = KernelSocket.Tcp();
        if (device is not null)
        {
            listener.BindToDevice(device);
        }

        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen(128);
        return listener;
    });

    private void Play(NetNamespace web, KernelSocket stops)
    {
        // limits that are small enough for a test to approach
        web.SetSysctl("net.ipv4.ip_local_port_range", "40000 41999");
        web.SetSysctl("net.ipv4.tcp_max_tw_buckets", "1000");
        var attacker = Keep(NetNamespace.Create());
        Keep(new EstablishedPopulation(web, 1650));
        InService("workers", () => new OneFullOfGroup(web));
        Keep(new Orphans(web, 40));
        Keep(new AcceptQueueFull(web, backlog: 128, clients: 0));
        Keep(new SynQueueFull(web, syncookies: 1, backlog: 32, clients: 60));
        var flood = Keep(new SynFlood(web, attacker, backlog: 128, syns: 10));
        InService("shop", () => new Traffic(web, time => time.TotalSeconds is (> 15 and < 23) or (> 50 and < 56)));

        // a database that does not answer, an application that does not read, and one that is bound to a device
        var unanswered = new UnansweredConnects(web);
        Keep(unanswered.Nowhere);
        Keep(unanswered);
        InService("report", () => new NeverRead(web, 12));
        InService("metrics", () => Listener(web, 9400, "lo"));

        // a resolver that cannot keep up; each datagram is also a connection tracking entry
        TrackedPackets.Track(web);
        _ = InService("php-fpm", () => new UnixQueue(web, backlog: 16, isAbstract: true, name: "php-fpm/www")).Connect(12);
        var resolver = InService("resolver", () => new UnreadUdp(web));

        // one service whose path loses segments, and a container with troubles of its own
        var lossy = Keep(new LossyReceivers(web, streams: 4, loss: 0.2));
        _pod.Overflow(clients: 12);

        var started = Stopwatch.GetTimestamp();
        for (var second = 0; Stopwatch.GetElapsedTime(started) < Length; second++)
        {
            if (second is > 25 and < 45)
            {
                flood.SendSyns(150);
                flood.SendBadCookies(12);
            }

            unanswered.Try(2, rounds: 4);
            lossy.Send(20);
            if (second == 30)
            {
                stops.Dispose();
            }

            if (second % 12 == 0)
            {
                resolver.Send(200);
                TrackedPackets.Send(web, 500);
                Keep(new CloseWaitLeak(web, accepted: 12, unaccepted: 3));
                Keep(new Retransmissions(web, 8));
                Keep(new Retransmissions(_pod.Namespace, 2));
                _pod.Knock(clients: 6);
                Keep(new ResetsWithUnreadData(web, 20));
            }

            var due = TimeSpan.FromSeconds(second + 1) - Stopwatch.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                Thread.Sleep(due);
            }
        }
    }

    /// <summary>Keeps what a service with this name created.</summary>
    private T InService<T>(string name, Func<T> make)
        where T : IDisposable =>
        Keep(Keep(new ServiceUnit(name)).Run(make));

    private T Keep<T>(T part)
        where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }
}
