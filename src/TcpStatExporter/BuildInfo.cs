using System.Reflection;

namespace TcpStatExporter;

/// <summary>Version of this build.</summary>
internal static class BuildInfo
{
    private static readonly string[] Informational =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+');

    /// <summary>Version, such as "1.2.3".</summary>
    public static string Version => Informational[0];

    /// <summary>Source revision, or "unknown" if it was not built from a repository.</summary>
    public static string Revision => Informational.Length > 1 ? Informational[1] : "unknown";

    /// <summary>Version of the .NET runtime, such as "10.0.12".</summary>
    public static string Runtime => Environment.Version.ToString();
}
