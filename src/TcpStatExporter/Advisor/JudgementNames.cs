namespace TcpStatExporter.Advisor;

/// <summary>
/// Names of judgements in labels and reports. They are a promise to scripts, independent of the names of the enum members.
/// </summary>
internal static class JudgementNames
{
    /// <summary>Returns the name of a severity: "critical".</summary>
    /// <param name="severity">The severity.</param>
    public static string Name(this Severity severity) => severity switch
    {
        Severity.Info => "info",
        Severity.Warning => "warning",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, message: null),
    };

    /// <summary>Returns the name of a level: "good".</summary>
    /// <param name="level">The level.</param>
    public static string Name(this VerdictLevel level) => level switch
    {
        VerdictLevel.Good => "good",
        VerdictLevel.Unknown => "unknown",
        VerdictLevel.Warning => "warning",
        VerdictLevel.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, message: null),
    };

    /// <summary>Returns the name of a listener's condition: "losing".</summary>
    /// <param name="condition">The condition.</param>
    public static string Name(this ListenerCondition condition) => condition switch
    {
        ListenerCondition.None => "none",
        ListenerCondition.Filling => "filling",
        ListenerCondition.Waiting => "waiting",
        ListenerCondition.LostLately => "lost_lately",
        ListenerCondition.Full => "full",
        ListenerCondition.Losing => "losing",
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, message: null),
    };
}
