using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>What deploy/build.sh makes, built once a run for all tests. TCPSTAT_PACKAGES names a folder of built ones instead.</summary>
internal sealed class Package
{
    private const string PrebuiltVariable = "TCPSTAT_PACKAGES";

    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(30);
    private static readonly Lazy<Package> ReadyToRunBuild = new(() => new Package("readytorun"));
    private static readonly Lazy<Package> NativeBuild = new(() => new Package("aot", "--aot"));

    private readonly string? _missing;

    private Package(string flavour, params string[] arguments)
    {
        if (Environment.GetEnvironmentVariable(PrebuiltVariable) is { Length: > 0 } prebuilt)
        {
            Folder = Path.Combine(prebuilt, flavour);
            return;
        }

        // beside the tests, and so outside of what is kept
        Folder = Path.Combine(AppContext.BaseDirectory, "packages", flavour);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            // what dotnet test sets for its own build is not meant for this one
            ["MSBUILD_EXE_PATH"] = null,
            ["MSBuildSDKsPath"] = null,
            ["MSBuildExtensionsPath"] = null,
        };
        var result = ChildProcess.Run(Repository.Path("deploy/build.sh"), ["--output", Folder, .. arguments], BuildLimit, environment);
        _missing = result.ExitCode == 0 ? null : Missing(result);
        if (_missing is null)
        {
            result.Checked();
        }
    }

    /// <summary>ReadyToRun; skips the test where it cannot be built here.</summary>
    public static Package ReadyToRun() => Usable(ReadyToRunBuild.Value);

    /// <summary>Native code; skips the test where it cannot be built here.</summary>
    public static Package Native() => Usable(NativeBuild.Value);

    /// <summary>Where everything is.</summary>
    public string Folder { get; }

    /// <summary>The program.</summary>
    public string Program => Path.Combine(Folder, "tcpstat-exporter");

    /// <summary>The Debian package.</summary>
    public string Deb => Directory.GetFiles(Folder, "*.deb").Single();

    /// <summary>The archive.</summary>
    public string Tarball => Directory.GetFiles(Folder, "*.tar.gz").Single();

    private static Package Usable(Package package)
    {
        Requires.Program("dpkg-deb");
        Assert.SkipWhen(package._missing is not null, package._missing ?? "");
        return package;
    }

    /// <summary>Why it cannot be built on this machine; null where the build itself is at fault.</summary>
    private static string? Missing(CommandResult result) =>
        Array.Find(
            (result.Output + result.Error).Split('\n'),
            line => line.Contains("NU1101", StringComparison.Ordinal)
                || line.Contains("NU1102", StringComparison.Ordinal)
                || line.Contains("NU1301", StringComparison.Ordinal)
                || line.Contains("Platform linker", StringComparison.Ordinal));
}
