using System.Text;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>
/// Checks the manifests against the published schemas of Kubernetes and the Prometheus Operator in TypeScript: an unknown
/// key, a missing key, or a value of the wrong type is a compiler error.
/// </summary>
public sealed class SchemaTests
{
    private const string Folder = "tests/TcpStatExporter.Shipped.Tests/Deploy/schemas";

    private static readonly Dictionary<string, string> Modules = new(StringComparer.Ordinal)
    {
        ["v1"] = "kubernetes-models/v1",
        ["apps/v1"] = "kubernetes-models/apps/v1",
        ["networking.k8s.io/v1"] = "kubernetes-models/networking.k8s.io/v1",
        ["monitoring.coreos.com/v1"] = "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
    };

    private static string[] Manifests =>
    [
        .. Repository.Files("deploy/kubernetes", "*.yaml").Concat(Repository.Files("deploy/kubernetes/exporter", "*.yaml"))
            .Where(path => Path.GetFileName(path) != "kustomization.yaml"),
    ];

    [Fact]
    public void The_manifests_match_their_schemas()
    {
        Manifests.Length.ShouldBe(7);
        var (exitCode, output) = Compile(
            Manifests.SelectMany(Yaml.Documents).Append(OpenerPatch.ApplyTo(Yaml.Read("deploy/kubernetes/exporter/daemonset.yaml"))).Select(document => document.ToJsonString()));
        exitCode.ShouldBe(0, output);
    }

    /// <summary>If the compiler accepted everything, the test above would be worthless.</summary>
    [Theory]
    [InlineData("readOnlyRootFilesystem", "readonlyRootFilesystem")] // a key that does not exist
    [InlineData("\"hostNetwork\":true", "\"hostNetwork\":\"yes\"")]
    [InlineData("\"selector\":", "\"nodeSelector\":")]
    public void A_wrong_manifest_does_not_match(string right, string wrong)
    {
        var manifest = Yaml.Read("deploy/kubernetes/exporter/daemonset.yaml").ToJsonString();
        manifest.ShouldContain(right);

        var (exitCode, output) = Compile([manifest.Replace(right, wrong, StringComparison.Ordinal)]);

        exitCode.ShouldNotBe(0);
        output.ShouldContain("error TS");
    }

    private static (int ExitCode, string Output) Compile(IEnumerable<string> manifests)
    {
        var folder = Repository.Path(Folder);
        Assert.SkipWhen(Tool.Run(folder, "node", "--version") is null || Tool.Run(folder, "npm", "--version") is null, "node and npm are not installed");
        var installed = Path.Combine(folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
        {
            var install = Tool.Run(folder, "npm", "ci", "--no-audit", "--no-fund")!.Value;
            Assert.SkipWhen(install.ExitCode != 0, $"npm cannot install the schemas: {install.Output}");
        }

        var source = new StringBuilder();
        var number = 0;
        foreach (var manifest in manifests)
        {
            var document = System.Text.Json.Nodes.JsonNode.Parse(manifest)!;
            var kind = document.Text("kind");
            source.Append(null, $"import {{ I{kind} as T{number} }} from \"{Modules[document.Text("apiVersion")]}/{kind}\";\n");
            source.Append(null, $"export const m{number}: T{number} = {manifest};\n");
            number++;
        }

        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "manifests")).FullName, "manifests.ts");
        File.WriteAllText(file, source.ToString());
        return Tool.Run(folder, "node", "node_modules/typescript/lib/tsc.js", "--project", ".")!.Value;
    }
}
