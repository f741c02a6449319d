namespace TcpStatExporter.Top;

/// <summary>What listeners are sorted by.</summary>
internal enum ListenerOrder
{
    /// <summary>Those in trouble first.</summary>
    Condition,

    /// <summary>The fullest first.</summary>
    Fill,

    /// <summary>Those that lost most first.</summary>
    Lost,

    /// <summary>Those with most connections first.</summary>
    Connections,

    /// <summary>By port and address.</summary>
    Port,
}
