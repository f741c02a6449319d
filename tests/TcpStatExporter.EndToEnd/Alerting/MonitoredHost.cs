using System.Net;
using TcpStatExporter.EndToEnd.Exporter;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>
/// A host in the fleet: a network namespace with an exporter, a link to the monitoring namespace, and a service that owns its
/// listeners.
/// </summary>
internal sealed class MonitoredHost : IDisposable
{
    private const int Port = 10006;

    // dozens start at the same time, so methods are compiled only once
    private static readonly Dictionary<string, string?> Variables = new(StringComparer.Ordinal) { ["DOTNET_TieredCompilation"] = "0" };

    private readonly string[] _arguments;
    private readonly ServiceUnit _unit;

    /// <summary>Creates the host without its exporter.</summary>
    /// <param name="name">Its name, which becomes the label instance.</param>
    /// <param name="monitor">The namespace of Prometheus.</param>
    /// <param name="scale">How much faster time runs.</param>
    /// <param name="replacesProcfs">True if the exporter reads <see cref="Procfs"/>.</param>
    /// <param name="arguments">Flags for the exporter.</param>
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

            // the window of the peaks is one of the alerts' durations too
            _arguments =
            [
                $"--web.listen-address={Target}",
                $"--peak.window={scale.Shorten(TimeSpan.FromMinutes(1)).TotalSeconds}s",
                .. replacesProcfs ? [$"--path.procfs={Procfs.Root}"] : Array.Empty<string>(),

                // all hosts are on one machine, and each would see the others' pods
                .. arguments.Any(argument => argument.StartsWith("--netns", StringComparison.Ordinal)) ? Array.Empty<string>() : ["--netns=off"],
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

    /// <summary>Its network namespace.</summary>
    public NetNamespace Namespace { get; }

    /// <summary>The owner of its listeners in the exporter.</summary>
    public string Unit => _unit.Name;

    /// <summary>The address of its exporter, as seen from the monitoring namespace.</summary>
    public IPEndPoint Target { get; }

    /// <summary>Its exporter, after it was started.</summary>
    public ExporterProcess? Exporter { get; private set; }

    /// <summary>The procfs root that its exporter reads, if requested.</summary>
    public StandInProcfs Procfs { get; }

    /// <summary>Starts the exporter, or replaces the running one.</summary>
    public void StartExporter()
    {
        Exporter?.Stop(TimeSpan.FromSeconds(10));
        Exporter?.Dispose();
        Exporter = ExporterProcess.Start(Namespace, environment: Variables, arguments: _arguments);

        // compiles the code that answers Prometheus, which waits only for one second
        Exporter.Scrape();
    }

    /// <summary>Creates listeners as a process of the host's service.</summary>
    /// <param name="make">Creates them.</param>
    /// <typeparam name="T">The result type.</typeparam>
    public T InService<T>(Func<T> make) => _unit.Run(make);

    public void Dispose()
    {
        Exporter?.Dispose();
        Namespace.Dispose();
        _unit.Dispose();
        Procfs.Dispose();
    }
}
