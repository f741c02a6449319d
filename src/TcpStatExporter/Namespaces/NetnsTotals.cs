namespace TcpStatExporter.Namespaces;

/// <summary>All network namespaces of the host together, without the host's own.</summary>
internal struct NetnsTotals
{
    /// <summary>Namespaces were looked for, and at least one is a container's, or was asked for.</summary>
    public bool IsOn;

    /// <summary>Namespaces that processes are in.</summary>
    public int Seen;

    /// <summary>Namespaces whose counters are read.</summary>
    public int Sampled;

    /// <summary>Of those, namespaces without a name of their own.</summary>
    public int Unnamed;

    /// <summary>Names that were in trouble at the last pass.</summary>
    public int InTrouble;

    /// <summary>Names that were in trouble and have no series of their own for want of place.</summary>
    public int NotExported;

    /// <summary>Connections in ESTABLISHED and CLOSE_WAIT.</summary>
    public long Established;

    /// <summary>Connections in TIME_WAIT.</summary>
    public long TimeWait;

    /// <summary>What was counted since the exporter looked first.</summary>
    public NetnsLoss Total;

    /// <summary>When the last pass ended, Unix time in milliseconds.</summary>
    public long UnixMilliseconds;
}
