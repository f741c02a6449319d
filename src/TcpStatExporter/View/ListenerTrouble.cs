namespace TcpStatExporter.View;

/// <summary>What is the matter with a listener, the worst last.</summary>
internal enum ListenerTrouble
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its accept queue was nearly full within the peak window.</summary>
    Filling,

    /// <summary>It lost connections within the last minute, but not in the last seconds.</summary>
    LostLately,

    /// <summary>Its accept queue is full now.</summary>
    Full,

    /// <summary>It is losing connections.</summary>
    Losing,
}
