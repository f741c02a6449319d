namespace TcpStatExporter.Advisor;

/// <summary>Where the runbooks of the alerts are.</summary>
internal static class Runbooks
{
    /// <summary>Address of one.</summary>
    /// <param name="alert">Name of the alert.</param>
    public static string Url(string alert) => $"https://github.com/tcpstat-exporter/tcpstat-exporter/blob/main/alerts/runbooks/{alert}.md";
}
