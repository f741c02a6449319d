using Serilog.Events;
using TcpStatExporter.Advisor;
using TcpStatExporter.Logging;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Sources;
using TcpStatExporter.Web;

namespace TcpStatExporter.Commands;

/// <summary>What the command line asked for.</summary>
internal sealed record ExporterOptions
{
    /// <summary>How to serve.</summary>
    public required WebOptions Web { get; init; }

    /// <summary>Listen on the sockets that systemd hands over, instead of the addresses.</summary>
    public required bool UseSystemdSocket { get; init; }

    /// <summary>Time between ticks.</summary>
    public required TimeSpan SampleInterval { get; init; }

    /// <summary>Time between looks at the listeners.</summary>
    public required TimeSpan ListenersInterval { get; init; }

    /// <summary>Most listeners that get series.</summary>
    public required int ListenersMax { get; init; }

    /// <summary>Which listeners get series.</summary>
    public required ListenerFilter ListenerFilter { get; init; }

    /// <summary>Window of the peaks.</summary>
    public required TimeSpan PeakWindow { get; init; }

    /// <summary>Where sockets and listeners are read from.</summary>
    public required SourceChoice Source { get; init; }

    /// <summary>Percent of one core that the daemon's looks at the whole table of connections may take.</summary>
    public required double SampleCpuBudget { get; init; }

    /// <summary>Percent of one core that sweeps may take on top of it; null: they take part of it.</summary>
    public required double? SweepCpuBudget { get; init; }

    /// <summary>Names of /run/netns whose network namespaces are sampled beside the host's own.</summary>
    public IReadOnlyList<string> NamedNamespaces { get; init; } = [];

    /// <summary>Root of procfs.</summary>
    public required string ProcfsRoot { get; init; }

    /// <summary>Every counter that the kernel prints, not the curated ones alone.</summary>
    public required bool AllCounters { get; init; }

    /// <summary>Address of the folder with the runbooks.</summary>
    public string RunbooksUrl { get; init; } = Runbooks.DefaultBaseUrl;

    /// <summary>Minimum level that is logged.</summary>
    public required LogEventLevel LogLevel { get; init; }

    /// <summary>Form of the log lines.</summary>
    public required LogFormat LogFormat { get; init; }
}
