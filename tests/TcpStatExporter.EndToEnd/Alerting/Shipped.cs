namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>The files that the project ships for Prometheus and Alertmanager, as in the source tree.</summary>
internal static class Shipped
{
    /// <summary>Recording rules and alerts.</summary>
    public static string Rules { get; } = Repository.Read("alerts/tcpstat.rules.yml");

    /// <summary>Names of the alerts, in the order of the rules.</summary>
    public static IReadOnlyList<string> AlertNames { get; } =
    [
        .. Rules.Split('\n')
            .Select(line => line.Split("- alert: "))
            .Where(parts => parts.Length == 2)
            .Select(parts => parts[1].Trim())
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Routes and inhibitions.</summary>
    public static string Alertmanager { get; } = Repository.Read("deploy/alertmanager/alertmanager.yml");

    /// <summary>The file that contains the confusion matrix.</summary>
    public static string ReadmePath { get; } = Repository.Path("alerts/README.md");
}
