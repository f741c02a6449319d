using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace TcpStatExporter.EndToEnd.Grafana;

/// <summary>
/// The page that draws a dashboard with Grafana's components. Installing and bundling them takes a minute, so both are cached
/// outside the tree: packages by their lock file, the page by its sources.
/// </summary>
internal static class Preview
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(15);
    private static readonly string Sources = Path.Combine(Dashboard.Folder, "preview");

    /// <summary>Returns the page's directory, with its shoot.mjs. Creates it if it is not cached.</summary>
    public static string Folder()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home ? home : "/var/cache";
        var packages = Files("package.json", "package-lock.json", ".npmrc");
        var page = Files(["build.mjs", "shoot.mjs", "index.html", .. Directory.GetFiles(Path.Combine(Sources, "src")).Select(file => Path.Combine("src", Path.GetFileName(file)))]);
        var installed = Made(Path.Combine(cache, "tcpstat-exporter-tests", $"grafana-preview-{Hash(packages)}"), packages, Install);

        // inside the directory of its packages, where node finds them
        return Made(Path.Combine(installed, $"page-{Hash(page)}"), page, folder =>
            ChildProcess.Run("node", [Path.Combine(folder, "build.mjs")], InstallLimit).Checked());
    }

    private static void Install(string folder)
    {
        var install = ChildProcess.Run("npm", ["ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder], InstallLimit);
        Assert.SkipWhen(install.ExitCode != 0, $"npm cannot install Grafana's components: {install.Error}");
    }

    /// <summary>
    /// Returns a directory with these files and what is built from them. It gets its final name only when it is complete.
    /// </summary>
    private static string Made(string path, IReadOnlyDictionary<string, byte[]> files, Action<string> make)
    {
        if (Directory.Exists(path))
        {
            return path;
        }

        var unfinished = Directory.CreateDirectory($"{path}.{Environment.ProcessId}").FullName;
        try
        {
            foreach (var (name, content) in files)
            {
                var file = Path.Combine(unfinished, name);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, content);
            }

            make(unfinished);
            if (!Directory.Exists(path))
            {
                Directory.Move(unfinished, path);
            }
        }
        finally
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
        }

        return path;
    }

    private static SortedDictionary<string, byte[]> Files(params string[] names) =>
        new(names.ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(Sources, name)), StringComparer.Ordinal), StringComparer.Ordinal);

    private static string Hash(SortedDictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{content.Length}\0"));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
