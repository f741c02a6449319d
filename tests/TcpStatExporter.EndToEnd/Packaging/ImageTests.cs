using System.Text.Json;
using Shouldly;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>
/// The image of a release for both architectures, on an empty base with the real one's name. It shows that each architecture
/// gets its own program. The content of the real base is not tested here.
/// </summary>
public sealed class ImageTests
{
    private const string Base = "mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled";
    private const string Name = "localhost/tcpstat-exporter:7.8.9";

    private static readonly string[] Architectures = ["amd64", "arm64"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void The_manifest_lists_an_image_with_the_right_program_for_each_architecture()
    {
        Requires.RootAndIp();
        Requires.Program("buildah");
        Requires.Program("podman");
        var (amd64, arm64) = (Package.Native(), Package.Arm64());
        using var folder = new TestFolder();
        string[] storage = ["--root", folder.PathOf("storage"), "--runroot", folder.PathOf("run"), "--storage-driver", "vfs"];
        var layer = folder.PathOf("base.tar");
        ChildProcess.Run("sh", ["-ec", "mkdir -p \"$0/root/usr/bin\"; tar -C \"$0/root\" -cf \"$0/base.tar\" .", folder.Path]).Checked();
        foreach (var architecture in Architectures)
        {
            Podman("import", "--quiet", "--arch", architecture, "--os", "linux", "--change", "ENV APP_UID=1654", layer, $"localhost/base-{architecture}");
        }

        Buildah("manifest", "create", Base);
        foreach (var architecture in Architectures)
        {
            Buildah("manifest", "add", "--arch", architecture, "--os", "linux", Base, $"localhost/base-{architecture}");
        }

        var manifest = ChildProcess.Run(
            Repository.Path("deploy/image.sh"),
            ["--version", "7.8.9", "--name", Name, "--archive", folder.PathOf("image.tar"), $"amd64={amd64.Program}", $"arm64={arm64.Program}"],
            Limit,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["BUILDAH_FLAGS"] = string.Join(' ', storage) }).Checked();

        using var list = JsonDocument.Parse(manifest);
        list.RootElement.GetProperty("manifests").EnumerateArray().Select(image => image.GetProperty("platform").GetProperty("architecture").GetString())
            .ShouldBe(Architectures, ignoreOrder: true);
        foreach (var (architecture, package) in new[] { ("amd64", amd64), ("arm64", arm64) })
        {
            var container = Buildah("from", "--pull-never", "--arch", architecture, Name).Trim();
            var root = Buildah("mount", container).Trim();
            File.ReadAllBytes(Path.Combine(root, "usr/bin/tcpstat-exporter")).AsSpan().SequenceEqual(File.ReadAllBytes(package.Program)).ShouldBeTrue(architecture);
            using var config = JsonDocument.Parse(Buildah("inspect", "--format", "{{.Config}}", container));
            config.RootElement.GetProperty("config").GetProperty("User").GetString().ShouldBe("1654");
            Buildah("rm", container);
        }

        new FileInfo(folder.PathOf("image.tar")).Length.ShouldBeGreaterThan(1 << 20);

        void Podman(params string[] arguments) =>
            ChildProcess.Run("podman", [.. storage, "--events-backend", "file", "--cgroup-manager", "cgroupfs", .. arguments], Limit).Checked();

        string Buildah(params string[] arguments) => ChildProcess.Run("buildah", [.. storage, .. arguments], Limit).Checked();
    }
}
