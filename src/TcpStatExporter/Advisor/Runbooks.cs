namespace TcpStatExporter.Advisor;

/// <summary>Where the runbooks are.</summary>
internal static class Runbooks
{
    /// <summary>Address of one.</summary>
    /// <param name="name">Name of the alert, or "advice/" and that of the finding.</param>
    public static string Url(string name) => $"https://github.com/tcpstat-exporter/tcpstat-exporter/blob/main/alerts/runbooks/{name}.md";
}
