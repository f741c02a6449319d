using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The output of kubectl for the kustomizations, if it is installed.</summary>
public sealed class KustomizeTests
{
    [Fact]
    public void Kubectl_renders_everything_into_one_namespace()
    {
        var (exitCode, output) = Render("deploy/kubernetes");

        exitCode.ShouldBe(0, output);
        foreach (var kind in (string[])["Namespace", "ServiceAccount", "DaemonSet", "Service", "NetworkPolicy", "PodMonitor", "PrometheusRule", "ConfigMap"])
        {
            output.ShouldContain($"\nkind: {kind}\n");
        }

        output.ShouldContain("\n    grafana_dashboard: \"1\"\n");
        output.ShouldContain("image: registry.example.com/tcpstat-exporter:");
        output.Split("\n  namespace: tcpstat-exporter\n").Length.ShouldBe(1 + 8); // all except the Namespace
    }

    [Fact]
    public void The_exporter_alone_does_not_need_the_operator()
    {
        var (exitCode, output) = Render("deploy/kubernetes/exporter");

        exitCode.ShouldBe(0, output);
        output.ShouldContain("kind: DaemonSet");
        output.ShouldNotContain("monitoring.coreos.com");
    }

    [Fact]
    public void The_component_adds_the_opener_with_the_image_of_the_exporter()
    {
        using var folder = new TestFolder();
        foreach (var path in Repository.Files("deploy/kubernetes/exporter", "*.yaml").Concat(Repository.Files(OpenerPatch.Folder, "*.yaml")))
        {
            var copy = folder.PathOf(Path.Combine(Path.GetFileName(Path.GetDirectoryName(path))!, Path.GetFileName(path)));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, Repository.Read(path).Replace("\n# components: ", "\ncomponents: ", StringComparison.Ordinal));
        }

        var (exitCode, output) = Render(folder.PathOf("exporter"));

        exitCode.ShouldBe(0, output);
        var containers = Yaml.Parse(output).Single(document => document.Text("kind") == "DaemonSet").Items("spec", "template", "spec", "containers").ToArray();
        containers.Select(container => container.Text("name")).ShouldBe(["tcpstat-exporter", "opener"]);
        containers[1].Text("image").ShouldBe(containers[0].Text("image"));
        containers[1].Text("image").ShouldStartWith("registry.example.com/tcpstat-exporter:");
    }

    private static (int ExitCode, string Output) Render(string folder)
    {
        var rendered = Tool.Run(Repository.Path("."), "kubectl", "kustomize", folder);
        Assert.SkipWhen(rendered is null, "kubectl is not installed");
        Assert.SkipWhen(rendered!.Value.Output.Contains("unknown field", StringComparison.Ordinal), "this kubectl is too old");
        return rendered.Value;
    }
}
