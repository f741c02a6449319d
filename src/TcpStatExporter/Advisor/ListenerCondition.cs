namespace TcpStatExporter.Advisor;

/// <summary>What is the matter with a listener, the worst last. <see cref="ListenerConditions.Of"/> decides it, for everything that speaks of a listener.</summary>
internal enum ListenerCondition
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its accept queue was nearly full, or full, within the peak window.</summary>
    Filling,

    /// <summary>It lost connections within the last minute, but not in the last seconds, or only a few of many.</summary>
    LostLately,

    /// <summary>Its accept queue is full now.</summary>
    Full,

    /// <summary>It is losing connections.</summary>
    Losing,
}
