namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>What deploy/build.sh can build.</summary>
public enum Build
{
    /// <summary>Native code for amd64, the default on such a machine.</summary>
    Native,

    /// <summary>ReadyToRun code for amd64.</summary>
    ReadyToRun,

    /// <summary>Native code for arm64.</summary>
    Arm64,
}
