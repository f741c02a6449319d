namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>An alert that must reach the receiver.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Reason">Why it comes beside the fault's own; null where it is the fault's own.</param>
internal sealed record Expected(string Alert, string Severity, string? Reason = null)
{
    /// <summary>Whether it must name the listener.</summary>
    public bool NamesListener { get; init; }
}
