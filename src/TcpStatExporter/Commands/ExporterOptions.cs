using Serilog.Events;
using TcpStatExporter.Advisor;
using TcpStatExporter.Logging;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>Options common to all commands.</summary>
internal sealed record ExporterOptions
{
    /// <summary>Most names of AF_UNIX listeners that get series, unless the command line says otherwise.</summary>
    public const int DefaultUnixListenersMax = 64;

    /// <summary>How to serve.</summary>
    public required WebOptions Web { get; init; }

    /// <summary>Listen on the sockets that systemd passes, instead of the addresses.</summary>
    public required bool UseSystemdSocket { get; init; }

    /// <summary>Time between ticks.</summary>
    public required TimeSpan SampleInterval { get; init; }

    /// <summary>Time between reads of the listeners.</summary>
    public required TimeSpan ListenersInterval { get; init; }

    /// <summary>Maximum number of listeners with series.</summary>
    public required int ListenersMax { get; init; }

    /// <summary>Which listeners get series.</summary>
    public required ListenerFilter ListenerFilter { get; init; }

    /// <summary>Read AF_UNIX listeners.</summary>
    public bool HasUnixListeners { get; init; } = true;

    /// <summary>Most names of AF_UNIX listeners that get series.</summary>
    public int UnixListenersMax { get; init; } = DefaultUnixListenersMax;

    /// <summary>Window of the peaks.</summary>
    public required TimeSpan PeakWindow { get; init; }

    /// <summary>Where sockets and listeners are read from.</summary>
    public required SourceChoice Source { get; init; }

    /// <summary>CPU limit for full socket scans by the daemon, in percent of one core.</summary>
    public required double SampleCpuBudget { get; init; }

    /// <summary>CPU limit for sweeps in addition to that, in percent of one core. Null: sweeps share the limit above.</summary>
    public required double? SweepCpuBudget { get; init; }

    /// <summary>Names in /run/netns whose network namespaces are sampled in addition to the host's.</summary>
    public IReadOnlyList<string> NamedNamespaces { get; init; } = [];

    /// <summary>How network namespaces that come and go are watched.</summary>
    public NetnsOptions Netns { get; init; } = new();

    /// <summary>Root of procfs.</summary>
    public required string ProcfsRoot { get; init; }

    /// <summary>Export every counter that the kernel prints, not only the curated ones.</summary>
    public required bool AllCounters { get; init; }

    /// <summary>Base URL of the runbooks.</summary>
    public string RunbooksUrl { get; init; } = Runbooks.DefaultBaseUrl;

    /// <summary>Minimum log level.</summary>
    public required LogEventLevel LogLevel { get; init; }

    /// <summary>Format of the log lines.</summary>
    public required LogFormat LogFormat { get; init; }
}
