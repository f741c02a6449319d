using System.Text.Json.Nodes;
using Shouldly;
using TcpStatExporter.Shipped.Tests.Alerts;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>The compose file starts what it describes, from files that exist.</summary>
public sealed class ComposeTests
{
    private const string Folder = "deploy/compose";

    private static readonly JsonNode Compose = Yaml.Read($"{Folder}/compose.yml");

    [Fact]
    public void Every_mounted_file_exists_and_is_read_only()
    {
        var mounts = Services().SelectMany(service => service.Value!.Items("volumes")).Select(item => item.ToString()).ToArray();
        var files = mounts.Where(mount => mount.StartsWith('.')).ToArray();

        files.Length.ShouldBe(4);
        foreach (var mount in files)
        {
            var parts = mount.Split(':');
            var path = Repository.Path(Path.Combine(Folder, parts[0]));
            (File.Exists(path) || Directory.Exists(path)).ShouldBeTrue(mount);
            parts[2].ShouldBe("ro");
        }

        var named = mounts.Where(mount => char.IsAsciiLetter(mount[0])).Select(mount => mount.Split(':')[0]).Distinct(StringComparer.Ordinal);
        named.ShouldBe(((JsonObject)Compose["volumes"]!).Select(volume => volume.Key));
    }

    /// <summary>
    /// Prometheus finds its rules by a path relative to its configuration, so both are mounted at the same relative paths as
    /// in the repository.
    /// </summary>
    [Fact]
    public void Prometheus_finds_its_configuration_and_its_rules()
    {
        var prometheus = Compose.At("services", "prometheus")!;
        var targets = prometheus.Items("volumes").Select(item => item.ToString().Split(':')).ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);
        var configuration = prometheus.Items("command").Select(item => item.ToString()).Single(flag => flag.StartsWith("--config.file=", StringComparison.Ordinal))[14..];
        var rules = Yaml.Read("deploy/prometheus/prometheus.yml").Text("rule_files", 0);

        Path.GetFullPath(Repository.Path(Path.Combine(Folder, targets[configuration]))).ShouldBe(Repository.Path("deploy/prometheus/prometheus.yml"));
        var inContainer = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(configuration)!, rules));
        Path.GetFullPath(Repository.Path(Path.Combine(Folder, targets[inContainer]))).ShouldBe(Repository.Path(RuleFile.Path));
    }

    [Fact]
    public void The_exporter_is_built_from_the_Dockerfile_and_has_no_right_but_the_hosts_network_and_processes()
    {
        var exporter = Compose.At("services", "exporter")!;
        File.Exists(Repository.Path(Path.Combine(Folder, exporter.Text("build", "context"), "Dockerfile"))).ShouldBeTrue();
        exporter.Text("network_mode").ShouldBe("host");
        exporter.Text("read_only").ShouldBe("true");
        exporter.Items("cap_drop").Select(item => item.ToString()).ShouldBe(["ALL"]);
        exporter.Items("security_opt").Select(item => item.ToString()).ShouldBe(["no-new-privileges:true"]);
        exporter.Text("pid").ShouldBe("host");
        foreach (var right in (string[])["privileged", "cap_add", "user"])
        {
            exporter.At(right).ShouldBeNull();
        }
    }

    [Fact]
    public void The_opener_has_two_capabilities_and_starts_only_with_its_profile()
    {
        var opener = Compose.At("services", "opener")!;
        opener.Items("profiles").Select(item => item.ToString()).ShouldBe(["opener"]);
        opener.Items("cap_drop").Select(item => item.ToString()).ShouldBe(["ALL"]);
        opener.Items("cap_add").Select(item => item.ToString()).ShouldBe(["SYS_ADMIN", "SYS_PTRACE"]);
        opener.Items("security_opt").Select(item => item.ToString()).ShouldBe(["no-new-privileges:true"]);
        opener.Text("read_only").ShouldBe("true");
        opener.At("privileged").ShouldBeNull();
        opener.Text("pid").ShouldBe("host");

        // the user and group of the image
        opener.Text("user").ShouldBe("0:1654");
        opener.Items("command").Select(item => item.ToString()).ShouldBe(["opener", "--client-uid=1654"]);
        opener.Items("volumes").Select(item => item.ToString()).ShouldBe(["opener:/run"]);
        Compose.At("services", "exporter")!.Items("volumes").Select(item => item.ToString()).ShouldContain("opener:/run", StringComparer.Ordinal);
    }

    /// <summary>They refer to each other by localhost, so each one listens where the others' configurations expect it.</summary>
    [Theory]
    [InlineData("exporter", "--web.listen-address=127.0.0.1:10006", "deploy/prometheus/prometheus.yml", "localhost:10006")]
    [InlineData("alertmanager", "--web.listen-address=127.0.0.1:9093", "deploy/prometheus/prometheus.yml", "localhost:9093")]
    [InlineData("prometheus", "--web.listen-address=127.0.0.1:9090", "grafana/provisioning/datasources/prometheus.yml", "localhost:9090")]
    public void Each_listens_where_the_others_expect_it(string service, string flag, string configuration, string address)
    {
        Compose.Items("services", service, "command").Select(item => item.ToString()).ShouldContain(flag, StringComparer.Ordinal);
        Repository.Read(configuration).ShouldContain(address);
        Services().Select(each => each.Value!.Text("network_mode")).ShouldAllBe(network => network == "host");
    }

    private static JsonObject Services() => (JsonObject)Compose["services"]!;
}
