using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>What deploy/release.sh refuses, what the workflow does, and that no file with a version is forgotten.</summary>
public sealed class ReleaseTests
{
    private static readonly string[] Needed =
    [
        "deploy/release.sh", "Directory.Build.props", "CHANGELOG.md", "deploy/kubernetes/exporter/kustomization.yaml", "deploy/helm/tcpstat-exporter/Chart.yaml",
    ];

    [Fact]
    public void It_needs_a_tag_that_matches_the_version_in_every_file_and_a_clean_tree()
    {
        using var folder = new TestFolder();
        foreach (var file in Needed)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(file))!);
            File.Copy(Repository.Path(file), folder.PathOf(file));
        }

        Git("init", "--quiet");
        Git("add", ".");
        Git("commit", "--quiet", "--message", "x");
        Refused("this commit has no tag such as v1.2.3.");

        Git("tag", "v98.7.6");
        Refused("Directory.Build.props has no \"<Version>98.7.6</Version>\".");

        File.AppendAllText(folder.PathOf("CHANGELOG.md"), "\n");
        Refused("the tree has changes that are not committed.");

        void Git(params string[] arguments)
        {
            var result = Tool.Run(folder.Path, "git", ["-c", "user.name=x", "-c", "user.email=x@x.invalid", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false", .. arguments]);
            Assert.SkipWhen(result is null, "git is not installed");
            result!.Value.ExitCode.ShouldBe(0, result.Value.Output);
        }

        void Refused(string message) => Tool.Run(folder.Path, folder.PathOf("deploy/release.sh"))!.Value.ShouldBe((1, $"deploy/release.sh: {message}\n"));
    }

    [Fact]
    public void An_unknown_argument_exits_with_2() =>
        Tool.Run(Repository.Path("."), Repository.Path("deploy/release.sh"), "--nope")!.Value.ShouldBe((2, "deploy/release.sh: unknown argument --nope. See --help.\n"));

    [Fact]
    public void The_workflow_tests_runs_the_release_script_and_attests_the_result()
    {
        var release = Yaml.Read(".github/workflows/release.yml");
        var job = release.At("jobs", "release")!;
        var steps = job.Items("steps").ToArray();

        release.Text("on", "push", "tags", 0).ShouldBe("v[0-9]*");
        job.Text("needs").ShouldBe("test");
        release.Text("jobs", "test", "uses").ShouldBe("./.github/workflows/ci.yml");
        Yaml.Read(".github/workflows/ci.yml").Items("jobs", "test", "steps").Select(step => step.Text("run")).ShouldContain("bash .ci/run", StringComparer.Ordinal);
        steps.Select(step => step.Text("run")).ShouldContain("deploy/release.sh --twice --image \"$IMAGE\"", StringComparer.Ordinal);
        steps.Select(step => step.Text("uses").Split('@')[0]).ShouldContain("actions/attest-build-provenance", StringComparer.Ordinal);
        steps.Single(step => step.Text("name") == "Sign the checksums").Text("env", "KEY").ShouldBe("${{ secrets.RELEASE_GPG_KEY }}");

        // only the necessary permissions, only where they are needed
        release.At("permissions")!.ToJsonString().ShouldBe("""{"contents":"read"}""");
        job.Map("permissions").Keys.ShouldBe(["contents", "packages", "id-token", "attestations"], ignoreOrder: true);
    }

    [Fact]
    public void Both_Dockerfiles_build_the_same_image()
    {
        Stage("Dockerfile").Replace("COPY --from=build /out/tcpstat-exporter ", "COPY tcpstat-exporter ", StringComparison.Ordinal).ShouldBe(Stage("deploy/image/Dockerfile"));

        static string Stage(string path)
        {
            var text = Repository.Read(path);
            return text[text.IndexOf("FROM mcr.microsoft.com/dotnet/runtime-deps:", StringComparison.Ordinal)..];
        }
    }

    /// <summary>Everybody uses the same version of the tool that writes the SBOM.</summary>
    [Fact]
    public void The_tool_of_the_SBOM_is_pinned() =>
        JsonNode.Parse(Repository.Read(".config/dotnet-tools.json"))!.Text("tools", "cyclonedx", "version").ShouldMatch(@"^\d+\.\d+\.\d+$");
}
