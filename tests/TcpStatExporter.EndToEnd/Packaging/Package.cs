using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>What deploy/build.sh makes, built once a run for all tests. TCPSTAT_PACKAGES names a folder of built ones instead.</summary>
internal sealed class Package
{
    /// <summary>Runs a program for arm64, with the C library of the cross toolchain.</summary>
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

        // beside the tests, and so outside of what is kept
        Folder = Path.Combine(AppContext.BaseDirectory, "packages", name);
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

    /// <summary>One of them; skips the test where it cannot be built here.</summary>
    /// <param name="build">Which.</param>
    public static Package Of(Build build) => build switch
    {
        Build.Native => Native(),
        Build.ReadyToRun => ReadyToRun(),
        Build.Arm64 => Arm64(),
        _ => throw new ArgumentOutOfRangeException(nameof(build), build, null),
    };

    /// <summary>ReadyToRun; skips the test where it cannot be built here.</summary>
    public static Package ReadyToRun() => Usable(ReadyToRunBuild.Value);

    /// <summary>Native code; skips the test where it cannot be built here.</summary>
    public static Package Native() => Usable(NativeBuild.Value);

    /// <summary>Native code for the processor that this machine may not have; skips the test where it cannot be built here.</summary>
    public static Package Arm64()
    {
        Requires.Program("aarch64-linux-gnu-objcopy");
        return Usable(Arm64Build.Value);
    }

    /// <summary>Where everything is.</summary>
    public string Folder { get; }

    /// <summary>The program.</summary>
    public string Program => Path.Combine(Folder, "tcpstat-exporter");

    /// <summary>The Debian package.</summary>
    public string Deb => Directory.GetFiles(Folder, "*.deb").Single();

    /// <summary>The RPM package.</summary>
    public string Rpm => Directory.GetFiles(Folder, "*.rpm").Single();

    /// <summary>The archive.</summary>
    public string Tarball => Directory.GetFiles(Folder, "*.tar.gz").Single();

    private static Package Usable(Package package)
    {
        Requires.Program("dpkg-deb");
        Requires.Program("rpmbuild");
        Assert.SkipWhen(package._missing is not null, package._missing ?? "");
        return package;
    }

    /// <summary>The command that runs a program of this package here: by itself, or under emulation. Skips the test where neither can be.</summary>
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

    /// <summary>Why it cannot be built on this machine; null where the build itself is at fault.</summary>
    private static string? Missing(CommandResult result) =>
        Array.Find(
            (result.Output + result.Error).Split('\n'),
            line => line.Contains("NU1101", StringComparison.Ordinal)
                || line.Contains("NU1102", StringComparison.Ordinal)
                || line.Contains("NU1301", StringComparison.Ordinal)
                || line.Contains("Platform linker", StringComparison.Ordinal));
}
