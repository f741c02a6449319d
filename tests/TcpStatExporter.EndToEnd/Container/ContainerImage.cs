using System.Runtime.InteropServices;
using System.Text.Json;

namespace TcpStatExporter.EndToEnd.Container;

/// <summary>
/// The image of the Dockerfile, built by buildah from stand-ins for its base images, in a separate storage that is deleted
/// afterwards. The SDK and the packages are this machine's, mounted into the build.
/// </summary>
public sealed class ContainerImage : IDisposable
{
    /// <summary>Version of the build.</summary>
    public const string Version = "7.8.9";

    /// <summary>Revision of the build.</summary>
    public const string Revision = "0123abc";

    /// <summary>Its name.</summary>
    public const string Name = "localhost/tcpstat-exporter";

    // trimming takes two minutes of CPU time: one minute on two idle cores, many minutes on a busy machine
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan StandInLimit = TimeSpan.FromMinutes(10);
    private static readonly string[] Programs = ["buildah", "podman", "crun", "dpkg", "tar", "unshare"];

    private readonly Lazy<DirectoryInfo> _folder;

    /// <summary>Builds nothing yet, so skipped tests do not wait for it.</summary>
    public ContainerImage() => _folder = new Lazy<DirectoryInfo>(Build);

    private string Storage => Path.Combine(_folder.Value.FullName, "storage");

    private string RunRoot => Path.Combine(_folder.Value.FullName, "run");

    /// <summary>Where a container created by <see cref="Start"/> can mount the cgroup2 hierarchy from.</summary>
    public string CgroupFolder => Path.Combine(RunRoot, "cgroup");

    /// <summary>Builds the image, or skips the test if that is not possible.</summary>
    public void Require()
    {
        Requires.RootAndIp();
        Array.ForEach(Programs, Requires.Program);
        _ = _folder.Value;
    }

    /// <summary>Returns the image's own description.</summary>
    public JsonElement Inspect() => JsonDocument.Parse(Podman("image", "inspect", Name).Checked()).RootElement[0];

    /// <summary>Runs podman with the image's storage.</summary>
    /// <param name="arguments">The arguments.</param>
    internal CommandResult Podman(params string[] arguments) => ChildProcess.Run(
        "podman",
        ["--root", Storage, "--runroot", RunRoot, "--storage-driver", "vfs", "--events-backend", "file", "--cgroup-manager", "cgroupfs", .. arguments],
        TimeSpan.FromMinutes(5));

    /// <summary>Starts a container.</summary>
    /// <param name="ns">The network namespace that replaces the host's.</param>
    /// <param name="arguments">Flags for podman run, the image and its arguments.</param>
    internal ChildProcess Start(NetNamespace ns, params string[] arguments) =>
        ns.Start(Path.Combine(Folder, "run.sh"), [Storage, RunRoot, .. arguments]);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_folder.IsValueCreated)
        {
            Podman("rm", "--all", "--force", "--time=0");
            _folder.Value.Delete(recursive: true);
        }
    }

    private static string Folder => Repository.Path("tests/TcpStatExporter.EndToEnd/Container");

    private static DirectoryInfo Build()
    {
        var folder = Directory.CreateTempSubdirectory("tcpstat-image-");
        var storage = Path.Combine(folder.FullName, "storage");
        var runRoot = Path.Combine(folder.FullName, "run");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        try
        {
            ChildProcess.Run(Path.Combine(Folder, "stand-ins.sh"), [storage, runRoot], StandInLimit).Checked();
            ChildProcess.Run(
                "buildah",
                [
                    "--root", storage, "--runroot", runRoot, "--storage-driver", "vfs",
                    "build", "--isolation", "chroot", "--pull-never", "--format", "docker",
                    $"--volume={DotnetFolder}:/usr/share/dotnet:ro", $"--volume={home}/.nuget:/root/.nuget",
                    "--volume=/etc/ssl:/etc/ssl:ro", "--volume=/usr/share/ca-certificates:/usr/share/ca-certificates:ro",
                    $"--build-arg=VERSION={Version}", $"--build-arg=REVISION={Revision}",
                    $"--tag={Name}", Repository.Root,
                ],
                BuildLimit).Checked();
            return folder;
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>HOST/shared/Microsoft.NETCore.App/VERSION/ is the directory of the runtime that runs the tests.</summary>
    private static string DotnetFolder => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
}
