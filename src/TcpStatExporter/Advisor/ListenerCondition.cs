namespace TcpStatExporter.Advisor;

/// <summary>
/// The condition of a listener, worst last. <see cref="ListenerConditions.Of"/> decides it for everything that shows
/// listeners.
/// </summary>
internal enum ListenerCondition
{
    /// <summary>No problem.</summary>
    None,

    /// <summary>Its accept queue was full or nearly full within the peak window.</summary>
    Filling,

    /// <summary>A connection has waited a long time for the application to accept it.</summary>
    Waiting,

    /// <summary>It lost connections within the last minute, but not in the last seconds, or only a few out of many.</summary>
    LostLately,

    /// <summary>Its accept queue is full now.</summary>
    Full,

    /// <summary>It is losing connections.</summary>
    Losing,
}
