using System.Text.Json.Nodes;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The manifests fit together and request no permission that they do not need.</summary>
public sealed class KubernetesTests
{
    private const string Folder = "deploy/kubernetes";
    private const string Exporter = $"{Folder}/exporter";
    private const string Port = "metrics";

    private static readonly JsonNode DaemonSet = Yaml.Read($"{Exporter}/daemonset.yaml");
    private static readonly JsonNode Pod = DaemonSet.At("spec", "template", "spec")!;
    private static readonly JsonNode Container = Pod.At("containers", 0)!;

    public static TheoryData<string> Kustomizations => [Folder, Exporter, "grafana"];

    [Theory]
    [MemberData(nameof(Kustomizations))]
    public void Files_in_a_kustomization_exist(string folder)
    {
        var kustomization = Yaml.Read($"{folder}/kustomization.yaml");
        string[] files =
        [
            .. kustomization.Items("resources").Select(item => item.ToString()),
            .. kustomization.Items("configMapGenerator").SelectMany(generator => generator.Items("files")).Select(item => item.ToString()),
        ];

        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            var path = Repository.Path(Path.Combine(folder, file));
            (File.Exists(path) || File.Exists(Path.Combine(path, "kustomization.yaml"))).ShouldBeTrue(file);
        }
    }

    /// <summary>
    /// The keys that kustomize knows and these files use. kustomize rejects unknown keys, but only where it is run.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kustomizations))]
    public void A_kustomization_has_keys_that_kustomize_knows(string folder)
    {
        var kustomization = Yaml.Read($"{folder}/kustomization.yaml");

        kustomization.Text("apiVersion").ShouldBe("kustomize.config.k8s.io/v1beta1");
        kustomization.Text("kind").ShouldBe("Kustomization");
        kustomization.AsObject().Select(pair => pair.Key)
            .ShouldBeSubsetOf(["apiVersion", "kind", "namespace", "resources", "images", "configMapGenerator", "generatorOptions"], StringComparer.Ordinal);
        kustomization.Items("images").SelectMany(image => image.AsObject()).Select(pair => pair.Key).ShouldBeSubsetOf(["name", "newName", "newTag", "digest"], StringComparer.Ordinal);
        kustomization.Items("configMapGenerator").SelectMany(generator => generator.AsObject()).Select(pair => pair.Key).ShouldBeSubsetOf(["name", "files"], StringComparer.Ordinal);
        kustomization.Map("generatorOptions").Keys.ShouldBeSubsetOf(["disableNameSuffixHash", "labels", "annotations"], StringComparer.Ordinal);
        kustomization.Items("configMapGenerator").Select(generator => generator.Text("name")).ShouldBeUnique(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(Folder)]
    [InlineData(Exporter)]
    public void No_manifest_is_left_out(string folder)
    {
        var resources = Yaml.Read($"{folder}/kustomization.yaml").Items("resources").Select(item => item.ToString());

        resources.Where(name => name.EndsWith(".yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ShouldBe(Repository.Files(folder, "*.yaml").Select(file => Path.GetFileName(file)!).Where(name => name != "kustomization.yaml"));
    }

    [Fact]
    public void Every_dashboard_is_in_a_ConfigMap() =>
        Yaml.Read("grafana/kustomization.yaml").Items("configMapGenerator").SelectMany(generator => generator.Items("files")).Select(item => $"grafana/{item}")
            .ShouldBe(Repository.Files("grafana/provisioning/dashboards/json", "*.json"));

    [Fact]
    public void Selectors_select_the_pods_and_ports_are_the_containers()
    {
        var labels = DaemonSet.Map("spec", "template", "metadata", "labels");
        var service = Yaml.Read($"{Exporter}/service.yaml");
        var policy = Yaml.Read($"{Exporter}/networkpolicy.yaml");
        var monitor = Yaml.Read($"{Folder}/podmonitor.yaml");
        foreach (var selector in (Dictionary<string, string>[])
        [
            DaemonSet.Map("spec", "selector", "matchLabels"),
            service.Map("spec", "selector"),
            policy.Map("spec", "podSelector", "matchLabels"),
            monitor.Map("spec", "selector", "matchLabels"),
        ])
        {
            selector.ShouldNotBeEmpty();
            selector.ShouldBeSubsetOf(labels);
        }

        var port = Container.Items("ports").ShouldHaveSingleItem();
        port.Text("name").ShouldBe(Port);
        port.Text("containerPort").ShouldBe("10006");
        Container.Items("args").Select(item => item.ToString()).ShouldContain("--web.listen-address=:10006", StringComparer.Ordinal);
        service.Text("spec", "ports", 0, "port").ShouldBe("10006");
        string[] named =
        [
            service.Text("spec", "ports", 0, "targetPort"),
            policy.Text("spec", "ingress", 0, "ports", 0, "port"),
            monitor.Text("spec", "podMetricsEndpoints", 0, "port"),
            Container.Text("livenessProbe", "httpGet", "port"),
            Container.Text("readinessProbe", "httpGet", "port"),
        ];
        named.ShouldAllBe(name => name == Port);
        Pod.Text("serviceAccountName").ShouldBe(Yaml.Read($"{Exporter}/serviceaccount.yaml").Text("metadata", "name"));
    }

    [Fact]
    public void The_pod_has_the_hosts_network_and_processes_and_three_folders_to_read_and_no_other_right()
    {
        Pod.Text("hostNetwork").ShouldBe("true");
        Pod.Text("hostPID").ShouldBe("true");
        Pod.At("hostIPC").ShouldBeNull();
        Pod.Text("automountServiceAccountToken").ShouldBe("false");
        Pod.Text("securityContext", "runAsNonRoot").ShouldBe("true");
        Pod.Text("securityContext", "seccompProfile", "type").ShouldBe("RuntimeDefault");
        Container.Text("securityContext", "privileged").ShouldBe("false");
        Container.Text("securityContext", "allowPrivilegeEscalation").ShouldBe("false");
        Container.Text("securityContext", "readOnlyRootFilesystem").ShouldBe("true");
        Container.At("securityContext", "capabilities")!.ToJsonString().ShouldBe("""{"drop":["ALL"]}""");

        var volumes = Pod.Items("volumes").ToArray();
        volumes.Select(volume => volume.Text("hostPath", "path")).ShouldBe(["/sys/fs/cgroup", "/var/log/pods", "/var/log/containers"]);
        var mounts = Container.Items("volumeMounts").ToArray();
        mounts.Select(mount => mount.Text("name")).ShouldBe(volumes.Select(volume => volume.Text("name")));
        mounts.Select(mount => mount.Text("readOnly")).ShouldAllBe(value => value == "true");
    }

    /// <summary>Only the opener has capabilities, and only two. It shares one volume with the exporter, and no folder of the node.</summary>
    [Fact]
    public void The_opener_is_a_second_container_with_two_capabilities_that_nobody_has_by_default()
    {
        Pod.Items("containers").ShouldHaveSingleItem();
        var component = Yaml.Read($"{OpenerPatch.Folder}/kustomization.yaml");
        component.Text("apiVersion").ShouldBe("kustomize.config.k8s.io/v1alpha1");
        component.Text("kind").ShouldBe("Component");
        component.Text("patches", 0, "path").ShouldBe("opener.yaml");
        component.Text("patches", 0, "target", "kind").ShouldBe(DaemonSet.Text("kind"));
        component.Text("patches", 0, "target", "name").ShouldBe(DaemonSet.Text("metadata", "name"));
        Repository.Read($"{Exporter}/kustomization.yaml").ShouldContain("\n# components: [../opener]\n");

        var pod = OpenerPatch.ApplyTo(DaemonSet.DeepClone()).At("spec", "template", "spec")!;
        var exporter = pod.At("containers", 0)!;
        var opener = pod.At("containers", 1)!;
        exporter.At("securityContext")!.ToJsonString().ShouldBe(Container.At("securityContext")!.ToJsonString());
        opener.Text("image").ShouldBe(Container.Text("image"));
        opener.Items("args").Select(item => item.ToString()).ShouldBe(["opener", $"--client-uid={Pod.Text("securityContext", "runAsUser")}"]);
        opener.At("securityContext", "capabilities")!.ToJsonString().ShouldBe("""{"drop":["ALL"],"add":["SYS_ADMIN","SYS_PTRACE"]}""");
        opener.Text("securityContext", "privileged").ShouldBe("false");
        opener.Text("securityContext", "allowPrivilegeEscalation").ShouldBe("false");
        opener.Text("securityContext", "readOnlyRootFilesystem").ShouldBe("true");
        opener.Text("securityContext", "runAsGroup").ShouldBe(Pod.Text("securityContext", "runAsGroup"), "the group may use the socket");
        var mount = opener.Items("volumeMounts").ShouldHaveSingleItem();
        Path.GetDirectoryName(OpenerServer.DefaultPath).ShouldBe(mount.Text("mountPath"));
        exporter.Items("volumeMounts").Last().ToJsonString().ShouldBe(mount.ToJsonString());
        var volume = pod.Items("volumes").Single(each => each.Text("name") == mount.Text("name"));
        volume.At("emptyDir").ShouldNotBeNull();
    }

    /// <summary>
    /// The job and instance labels that the alert for a missing exporter expects, and that keep a node's series when its pod
    /// is replaced.
    /// </summary>
    [Fact]
    public void The_job_is_named_after_the_exporter_and_the_instance_after_the_node()
    {
        var monitor = Yaml.Read($"{Folder}/podmonitor.yaml");
        DaemonSet.Map("spec", "template", "metadata", "labels")[monitor.Text("spec", "jobLabel")].ShouldContain("tcpstat");
        var relabelings = monitor.Items("spec", "podMetricsEndpoints", 0, "relabelings").ToArray();
        relabelings.Single(rule => rule.Text("targetLabel") == "instance").Text("sourceLabels", 0).ShouldBe("__meta_kubernetes_pod_node_name");
        relabelings.Single(rule => rule.Text("action") == "labeldrop").Text("regex").Split('|').ShouldBe(["pod", "container", "endpoint"]);

        // tcpstat_netns_info has a label container: it keeps its name, since the target has none of that name
        var own = MetricCatalogue.All.SelectMany(entry => entry.Labels.Split(", ")).Where(label => label is "namespace" or "pod" or "node" or "service" or "endpoint");
        own.ShouldBeEmpty();
    }

    [Fact]
    public void The_image_has_the_version_of_the_build()
    {
        var image = Yaml.Read($"{Exporter}/kustomization.yaml").Items("images").ShouldHaveSingleItem();
        image.Text("name").ShouldBe(Container.Text("image"));
        Repository.Read("Directory.Build.props").ShouldContain($"<Version>{image.Text("newTag")}</Version>");
    }
}
