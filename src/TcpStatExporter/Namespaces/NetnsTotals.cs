namespace TcpStatExporter.Namespaces;

/// <summary>Totals of all network namespaces of the host, without the host's own.</summary>
internal struct NetnsTotals
{
    /// <summary>True if namespaces were searched, and at least one belongs to a container or the mode is not auto.</summary>
    public bool IsOn;

    /// <summary>Number of namespaces that contain processes.</summary>
    public int Seen;

    /// <summary>Number of namespaces whose counters are read.</summary>
    public int Sampled;

    /// <summary>True if listeners are to be read too.</summary>
    public bool HasListenersTier;

    /// <summary>Number of namespaces whose listeners are read.</summary>
    public int ListenersSampled;

    /// <summary>Number of listening sockets in them.</summary>
    public int Listeners;

    /// <summary>Maximum fill of an accept queue in them in the peak window: its length ÷ its limit. NaN if there is none.</summary>
    public double WorstFill;

    /// <summary>Number of sampled namespaces without a name of their own.</summary>
    public int Unnamed;

    /// <summary>Number of names that were in trouble at the last pass.</summary>
    public int InTrouble;

    /// <summary>Number of names that were in trouble and have no series of their own because of the limit.</summary>
    public int NotExported;

    /// <summary>Connections in ESTABLISHED and CLOSE_WAIT.</summary>
    public long Established;

    /// <summary>Connections in TIME_WAIT.</summary>
    public long TimeWait;

    /// <summary>What was counted since the exporter first saw them.</summary>
    public NetnsLoss Total;

    /// <summary>When the last pass ended, Unix time in milliseconds.</summary>
    public long UnixMilliseconds;
}
