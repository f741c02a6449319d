namespace TcpStatExporter.Namespaces;

/// <summary>What the command line asked for of network namespaces other than the host's own.</summary>
internal sealed record NetnsOptions
{
    /// <summary>How far.</summary>
    public NetnsMode Mode { get; init; } = NetnsMode.Off;

    /// <summary>Time between two reads of their counters.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between two looks for new ones.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most that have series for having been in trouble.</summary>
    public int Max { get; init; } = 20;

    /// <summary>Which have series.</summary>
    public NetnsSeriesChoice Series { get; init; }

    /// <summary>How long new series are shown as 0: as long as the longest time between two scrapes.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Which are sampled.</summary>
    public NetnsFilter Filter { get; init; } = new([], []);

    /// <summary>Share of one core that reading them may take, 1 being all of it.</summary>
    public double CpuShare { get; init; } = 0.01;

    /// <summary>Root of procfs.</summary>
    public string ProcfsRoot { get; init; } = "/proc";

    /// <summary>Where the kubelet makes <c>pods</c> and <c>containers</c>.</summary>
    public string LogFolder { get; init; } = "/var/log";

    /// <summary>Where ip-netns(8) keeps names.</summary>
    public string NamedFolder { get; init; } = "/run/netns";

    /// <summary>Files that may be open for them.</summary>
    public int OpenFiles { get; init; } = 1000;
}
