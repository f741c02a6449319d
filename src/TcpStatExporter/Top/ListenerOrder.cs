namespace TcpStatExporter.Top;

/// <summary>Sort order of the listeners.</summary>
internal enum ListenerOrder
{
    /// <summary>Listeners with problems first.</summary>
    Condition,

    /// <summary>Fullest first.</summary>
    Fill,

    /// <summary>Most losses first.</summary>
    Lost,

    /// <summary>Most connections first.</summary>
    Connections,

    /// <summary>By port and address.</summary>
    Port,
}
