using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>
/// The output of deploy/build.sh, built once per run for all tests. TCPSTAT_PACKAGES names a directory with a finished build
/// instead.
/// </summary>
internal sealed class Package
{
    /// <summary>Runs a program for arm64 with the C library of the cross toolchain.</summary>
    public static readonly string[] Emulator = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];

    private const string PrebuiltVariable = "TCPSTAT_PACKAGES";

    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(30);
    private static readonly Lazy<Package> ReadyToRunBuild = new(() => new Package("readytorun-amd64", "--readytorun", "--arch", "amd64"));
    private static readonly Lazy<Package> NativeBuild = new(() => new Package("native-amd64", "--arch", "amd64"));
    private static readonly Lazy<Package> Arm64Build = new(() => new Package("native-arm64", "--arch", "arm64"));

    private readonly string? _missing;

    private Package(string name, params string[] arguments)
    {
        if (Environment.GetEnvironmentVariable(PrebuiltVariable) is { Length: > 0 } prebuilt)
        {
            Folder = Path.Combine(prebuilt, name);
            return;
        }

        // next to the tests, and so not in the kept artifacts
        Folder = Path.Combine(AppContext.BaseDirectory, "packages", name);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            // what dotnet test sets for its own build must not apply to this one
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

    /// <summary>Returns a build. Skips the test if it cannot be built here.</summary>
    /// <param name="build">The build.</param>
    public static Package Of(Build build) => build switch
    {
        Build.Native => Native(),
        Build.ReadyToRun => ReadyToRun(),
        Build.Arm64 => Arm64(),
        _ => throw new ArgumentOutOfRangeException(nameof(build), build, null),
    };

    /// <summary>Returns the ReadyToRun build. Skips the test if it cannot be built here.</summary>
    public static Package ReadyToRun() => Usable(ReadyToRunBuild.Value);

    /// <summary>Returns the native build. Skips the test if it cannot be built here.</summary>
    public static Package Native() => Usable(NativeBuild.Value);

    /// <summary>
    /// Returns the native build for arm64, which may not be this machine's processor. Skips the test if it cannot be built
    /// here.
    /// </summary>
    public static Package Arm64()
    {
        Requires.Program("aarch64-linux-gnu-objcopy");
        return Usable(Arm64Build.Value);
    }

    /// <summary>The directory with all files.</summary>
    public string Folder { get; }

    /// <summary>The program.</summary>
    public string Program => Path.Combine(Folder, "tcpstat-exporter");

    /// <summary>The Debian package.</summary>
    public string Deb => Directory.GetFiles(Folder, "*.deb").Single();

    /// <summary>The RPM package.</summary>
    public string Rpm => Directory.GetFiles(Folder, "*.rpm").Single();

    /// <summary>The tarball.</summary>
    public string Tarball => Directory.GetFiles(Folder, "*.tar.gz").Single();

    private static Package Usable(Package package)
    {
        Requires.Program("dpkg-deb");
        Requires.Program("rpmbuild");
        Assert.SkipWhen(package._missing is not null, package._missing ?? "");
        return package;
    }

    /// <summary>
    /// Returns the command that runs a program of this package here: directly, or under emulation. Skips the test if neither
    /// is possible.
    /// </summary>
    /// <param name="program">Its path.</param>
    public string[] Command(string program)
    {
        if (!Folder.EndsWith("arm64", StringComparison.Ordinal))
        {
            return [program];
        }

        Requires.Program(Emulator[0]);
        return [.. Emulator, program];
    }

    /// <summary>Returns why it cannot be built on this machine. Null if the build itself is broken.</summary>
    private static string? Missing(CommandResult result) =>
        Array.Find(
            (result.Output + result.Error).Split('\n'),
            line => line.Contains("NU1101", StringComparison.Ordinal)
                || line.Contains("NU1102", StringComparison.Ordinal)
                || line.Contains("NU1301", StringComparison.Ordinal)
                || line.Contains("Platform linker", StringComparison.Ordinal));
}
