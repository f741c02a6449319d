namespace TcpStatExporter.Namespaces;

/// <summary>What is known of all network namespaces of one name at the last pass.</summary>
internal struct NetnsRow
{
    /// <summary>Their name.</summary>
    public NetnsIdentity Identity;

    /// <summary>How many there are.</summary>
    public int Namespaces;

    /// <summary>Something was lost since the pass before.</summary>
    public bool IsInTrouble;

    /// <summary>Something was lost since they began, as far as was looked.</summary>
    public bool WasInTrouble;

    /// <summary>They have series of their own.</summary>
    public bool HasSeries;

    /// <summary>Connections in ESTABLISHED and CLOSE_WAIT.</summary>
    public long Established;

    /// <summary>Connections in TIME_WAIT, and those in FIN_WAIT2 that no process holds.</summary>
    public long TimeWait;

    /// <summary>Sockets in use, listeners included, those in TIME_WAIT not.</summary>
    public long InUse;

    /// <summary>What was counted since the pass before.</summary>
    public NetnsLoss Recent;

    /// <summary>What was counted since the exporter looked first.</summary>
    public NetnsLoss Total;
}
