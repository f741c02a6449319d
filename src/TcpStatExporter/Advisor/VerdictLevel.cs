namespace TcpStatExporter.Advisor;

/// <summary>How things stand, worst last.</summary>
internal enum VerdictLevel
{
    /// <summary>Nobody needs to act.</summary>
    Good,

    /// <summary>Nothing was found, but not everything is known.</summary>
    Unknown,

    /// <summary>Something is lost or slow, or will be soon.</summary>
    Warning,

    /// <summary>Connections are being lost now.</summary>
    Critical,
}
