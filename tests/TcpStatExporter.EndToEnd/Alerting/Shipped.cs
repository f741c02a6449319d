using System.Reflection;

namespace TcpStatExporter.EndToEnd.Alerting;

/// <summary>The files that the project ships for Prometheus and Alertmanager, as they are in the source tree.</summary>
internal static class Shipped
{
    private static readonly string Root =
        typeof(Shipped).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key is "RepositoryRoot").Value!;

    /// <summary>Recording rules and alerts.</summary>
    public static string Rules { get; } = Read("alerts/tcpstat.rules.yml");

    /// <summary>Routes and inhibitions.</summary>
    public static string Alertmanager { get; } = Read("deploy/alertmanager/alertmanager.yml");

    /// <summary>Where the confusion matrix is kept.</summary>
    public static string ReadmePath { get; } = Path.Combine(Root, "alerts/README.md");

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));
}
