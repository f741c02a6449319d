namespace TcpStatExporter.Advisor;

/// <summary>How things stand, the worst last.</summary>
internal enum VerdictLevel
{
    /// <summary>Nothing that needs anybody.</summary>
    Good,

    /// <summary>Nothing was found, but not everything is known.</summary>
    Unknown,

    /// <summary>Something is lost or slow, or will be soon.</summary>
    Warning,

    /// <summary>Connections are being lost now.</summary>
    Critical,
}
