using System.Reflection;

namespace TcpStatExporter.Testing;

/// <summary>Files of the source tree, by relative path.</summary>
internal static class Repository
{
    /// <summary>TCPSTAT_REWRITE=1: tests write generated files instead of comparing them.</summary>
    public static bool IsRewriting { get; } = Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1";

    /// <summary>Root of the source tree.</summary>
    public static string Root { get; } = System.IO.Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!);

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(Path(relative));

    public static void Write(string relative, string text) => File.WriteAllText(Path(relative), text);

    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Directory.GetFiles(Path(folder), pattern).Select(path => System.IO.Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];
}
