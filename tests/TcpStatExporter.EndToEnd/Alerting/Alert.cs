namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>A firing alert.</summary>
/// <param name="Labels">Its labels, by name.</param>
/// <param name="Annotations">Its annotations, by name.</param>
/// <param name="Route">Name of the Alertmanager receiver that it was delivered to. Empty before delivery.</param>
internal sealed record Alert(IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations, string Route = "")
{
    /// <summary>Its name.</summary>
    public string Name => Labels["alertname"];

    /// <summary>critical (a page), warning or info.</summary>
    public string Severity => Labels["severity"];

    /// <summary>The host that it is about. Empty if none.</summary>
    public string Instance => Labels.GetValueOrDefault("instance", "");

    /// <summary>The listener that it names: address, port and unit. Null if none.</summary>
    public (string Address, string Port, string Unit)? Listener =>
        Labels.TryGetValue("port", out var port) ? (Labels["address"], port, Labels.GetValueOrDefault("unit", "")) : null;

    /// <summary>The network namespace that it names. Empty for the host's own.</summary>
    public string Netns => Labels.GetValueOrDefault("netns", "");

    /// <summary>Returns true if it is about the host of a scenario.</summary>
    /// <param name="scenario">The scenario.</param>
    public bool IsOf(Scenario scenario) => Instance.Equals(scenario.Name, StringComparison.Ordinal);

    /// <summary>Returns true if it has the name, severity and network namespace of an expected alert.</summary>
    /// <param name="expected">The expected alert.</param>
    public bool Is(Expected expected) =>
        Name.Equals(expected.Alert, StringComparison.Ordinal) && Severity.Equals(expected.Severity, StringComparison.Ordinal) && Netns.Equals(expected.Netns, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}
