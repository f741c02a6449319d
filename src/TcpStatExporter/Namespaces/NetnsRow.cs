namespace TcpStatExporter.Namespaces;

/// <summary>What the last pass found about all network namespaces of one name.</summary>
internal struct NetnsRow
{
    /// <summary>Their name.</summary>
    public NetnsIdentity Identity;

    /// <summary>How many there are.</summary>
    public int Namespaces;

    /// <summary>True if they were in trouble at the last pass.</summary>
    public bool IsInTrouble;

    /// <summary>True if they were in trouble at any pass since they started.</summary>
    public bool WasInTrouble;

    /// <summary>True if they have series of their own.</summary>
    public bool HasSeries;

    /// <summary>Connections in ESTABLISHED and CLOSE_WAIT.</summary>
    public long Established;

    /// <summary>Connections in CLOSE_WAIT that a process holds, as of the last scan. Null if they were not scanned.</summary>
    public long? CloseWait;

    /// <summary>Connections in TIME_WAIT, and those in FIN_WAIT2 that no process holds.</summary>
    public long TimeWait;

    /// <summary>Sockets in use. Includes listeners, but not TIME_WAIT.</summary>
    public long InUse;

    /// <summary>
    /// Fill of the fullest accept queue when the listeners were last read: its length ÷ its limit. NaN if the listeners are not
    /// read, or if there is none.
    /// </summary>
    public double QueueFill;

    /// <summary>What the last pass added.</summary>
    public NetnsLoss Recent;

    /// <summary>What was counted since the exporter first saw them.</summary>
    public NetnsLoss Total;
}
