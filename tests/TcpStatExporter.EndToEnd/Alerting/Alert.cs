namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>An alert that fires.</summary>
/// <param name="Labels">Its labels, by name.</param>
/// <param name="Annotations">Its annotations, by name.</param>
/// <param name="Route">Name of Alertmanager's receiver that it was delivered to; empty before it was.</param>
internal sealed record Alert(IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, string Route = "")
{
    /// <summary>Its name.</summary>
    public string Name => Labels["alertname"];

    /// <summary>critical, which is a page, warning or info.</summary>
    public string Severity => Labels["severity"];

    /// <summary>The host it speaks of; empty where it speaks of none.</summary>
    public string Instance => Labels.GetValueOrDefault("instance", "");

    /// <summary>The listener it names, as address, port and unit; null where it names none.</summary>
    public (string Address, string Port, string Unit)? Listener =>
        Labels.TryGetValue("port", out var port) ? (Labels["address"], port, Labels.GetValueOrDefault("unit", "")) : null;

    /// <summary>Whether it speaks of the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    public bool IsOf(Scenario scenario) => Instance.Equals(scenario.Name, StringComparison.Ordinal);

    /// <summary>Whether it has the name and severity of one that is expected.</summary>
    /// <param name="expected">The one expected.</param>
    public bool Is(Expected expected) =>
        Name.Equals(expected.Alert, StringComparison.Ordinal) && Severity.Equals(expected.Severity, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}
