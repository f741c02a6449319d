namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>An alert that must reach the receiver.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Reason">Why it accompanies the fault's own alert. Null for the fault's own alert.</param>
internal sealed record Expected(string Alert, string Severity, string? Reason = null)
{
    /// <summary>True if it must name the listener.</summary>
    public bool NamesListener { get; init; }

    /// <summary>The network namespace that it must name. Empty for the host's own.</summary>
    public string Netns { get; init; } = "";
}
