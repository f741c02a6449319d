namespace TcpStatExporter.Advisor;

/// <summary>The severity of a rule's finding. Each rule has only one, so its series never changes its labels.</summary>
internal enum Severity
{
    /// <summary>Worth knowing. Nothing is lost.</summary>
    Info,

    /// <summary>Something is lost or slow, or will be soon.</summary>
    Warning,

    /// <summary>Connections are being lost now.</summary>
    Critical,
}
