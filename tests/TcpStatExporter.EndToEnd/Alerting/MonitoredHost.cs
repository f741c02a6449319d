using System.Net;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// A host of the fleet: a network namespace with an exporter, a link to the monitoring namespace, and a service that
/// owns what listens there.
/// </summary>
internal sealed class MonitoredHost : IDisposable
{
    private const int Port = 10006;

    // dozens start at a time: the compiler has the work done once
    private static readonly Dictionary<string, string?> Variables = new(StringComparer.Ordinal) { ["DOTNET_TieredCompilation"] = "0" };

    private readonly string[] _arguments;
    private readonly ServiceUnit _unit;

    /// <summary>Makes it, without its exporter.</summary>
    /// <param name="name">Its name, which becomes the label instance.</param>
    /// <param name="monitor">The namespace that Prometheus runs in.</param>
    /// <param name="scale">How time is shortened.</param>
    /// <param name="replacesProcfs">Whether the exporter reads <see cref="Procfs"/>.</param>
    /// <param name="arguments">Flags of the exporter.</param>
    public MonitoredHost(string name, NetNamespace monitor, TimeScale scale, bool replacesProcfs, params IEnumerable<string> arguments)
    {
        Name = name;
        Namespace = NetNamespace.Create();
        try
        {
            var (_, here) = NetNamespace.Join(monitor, Namespace);
            Target = new IPEndPoint(here, Port);
            _unit = new ServiceUnit(name);
            Procfs = new StandInProcfs();

            // the window of the peaks is a duration of the alerts too
            _arguments =
            [
                $"--web.listen-address={Target}",
                $"--peak.window={scale.Shorten(TimeSpan.FromMinutes(1)).TotalSeconds}s",
                .. replacesProcfs ? [$"--path.procfs={Procfs.Root}"] : Array.Empty<string>(),
                .. arguments,
            ];
        }
        catch
        {
            Namespace.Dispose();
            throw;
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its network.</summary>
    public NetNamespace Namespace { get; }

    /// <summary>What the exporter calls the owner of what listens there.</summary>
    public string Unit => _unit.Name;

    /// <summary>Where the monitoring namespace finds its exporter.</summary>
    public IPEndPoint Target { get; }

    /// <summary>Its exporter, once started.</summary>
    public ExporterProcess? Exporter { get; private set; }

    /// <summary>The root of procfs that its exporter reads, if it was made so.</summary>
    public StandInProcfs Procfs { get; }

    /// <summary>Starts the exporter, or another in place of the one that runs.</summary>
    public void StartExporter()
    {
        Exporter?.Stop(TimeSpan.FromSeconds(10));
        Exporter?.Dispose();
        Exporter = ExporterProcess.Start(Namespace, environment: Variables, arguments: _arguments);

        // compiles what answers Prometheus, which waits for a second only
        Exporter.Scrape();
    }

    /// <summary>Makes something that listens, as a process of the host's service.</summary>
    /// <param name="make">Makes it.</param>
    /// <typeparam name="T">What it is.</typeparam>
    public T InService<T>(Func<T> make) => _unit.Run(make);

    public void Dispose()
    {
        Exporter?.Dispose();
        Namespace.Dispose();
        _unit.Dispose();
        Procfs.Dispose();
    }
}
