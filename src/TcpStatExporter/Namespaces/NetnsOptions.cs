using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>Options for sampling network namespaces other than the host's own.</summary>
internal sealed record NetnsOptions
{
    /// <summary>Whether to sample them.</summary>
    public NetnsMode Mode { get; init; } = NetnsMode.Off;

    /// <summary>Time between two reads of their counters.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two searches for new ones.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Maximum number of names that get series because they were in trouble.</summary>
    public int Max { get; init; } = 20;

    /// <summary>Which of them get series.</summary>
    public NetnsSeriesChoice Series { get; init; }

    /// <summary>Path of the socket of the opener, which lets the exporter read listeners.</summary>
    public string OpenerPath { get; init; } = OpenerServer.DefaultPath;

    /// <summary>This process may enter network namespaces itself if it has the privilege.</summary>
    public bool MayEnter { get; init; }

    /// <summary>Window of the peaks of listeners.</summary>
    public TimeSpan PeakWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Maximum number of listeners with series per name.</summary>
    public int ListenersMax { get; init; } = 256;

    /// <summary>Which listeners get series.</summary>
    public ListenerFilter ListenerFilter { get; init; } = new([], []);

    /// <summary>How long new series are shown as 0: the longest time between two scrapes.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which of them are sampled.</summary>
    public NetnsFilter Filter { get; init; } = new([], []);

    /// <summary>CPU limit for reading them, as a share of one core: 1 is the whole core.</summary>
    public double CpuShare { get; init; } = 0.01;

    /// <summary>Root of procfs.</summary>
    public string ProcfsRoot { get; init; } = "/proc";

    /// <summary>The cgroup2 hierarchy: a new cgroup brings the next search forward. Null: it is not watched.</summary>
    public string? CgroupFolder { get; init; }

    /// <summary>Directory in which the kubelet creates <c>pods</c> and <c>containers</c>.</summary>
    public string LogFolder { get; init; } = "/var/log";

    /// <summary>Directory in which ip-netns(8) keeps names.</summary>
    public string NamedFolder { get; init; } = "/run/netns";

    /// <summary>Maximum number of open files for them.</summary>
    public int OpenFiles { get; init; } = 1000;
}
