namespace TcpStatExporter.Advisor;

/// <summary>How bad it is where a rule holds. Each rule has one, so that its series never changes name.</summary>
internal enum Severity
{
    /// <summary>Worth knowing; nothing is lost.</summary>
    Info,

    /// <summary>Something is lost or slow, or will be soon.</summary>
    Warning,

    /// <summary>Connections are being lost now.</summary>
    Critical,
}
