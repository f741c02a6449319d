using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Shipped.Tests.Deploy;

/// <summary>What promtool says about the configurations next to prometheus.yml.</summary>
public sealed partial class ScrapeConfigTests
{
    private const string Folder = "deploy/prometheus/scrape";

    public static TheoryData<string> Files => [.. Repository.Files(Folder, "*.yml"), "deploy/prometheus/remote-write.yml"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Promtool_accepts_it(string file)
    {
        var (exitCode, output) = Check(file);

        // Debian's Prometheus is built without Consul and Kubernetes, so there only the rest is checked
        if (UnknownDiscovery().Match(output) is { Success: true } unknown)
        {
            var text = Repository.Read(file);
            var without = Regex.Replace(text, $@"^    {unknown.Groups["name"].Value}:\n(      .*\n)+", "    static_configs:\n      - targets: [\"localhost:10006\"]\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromMinutes(1));
            (without == text).ShouldBeFalse();
            var folder = Directory.CreateTempSubdirectory("tcpstat-scrape-");
            try
            {
                var copy = Path.Combine(folder.FullName, "prometheus.yml");
                File.WriteAllText(copy, without);
                (exitCode, output) = Check(copy);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        exitCode.ShouldBe(0, output);
    }

    /// <summary>
    /// The keys in the two sections that Debian's promtool does not know, which are cut out above: those in the documentation
    /// of Prometheus 2.42, without those of its HTTP client, which neither file uses.
    /// </summary>
    [Theory]
    [InlineData("consul", "server,path_prefix,token,datacenter,namespace,partition,scheme,services,tags,node_meta,tag_separator,allow_stale,refresh_interval")]
    [InlineData("kubernetes", "api_server,role,kubeconfig_file,namespaces,selectors,attach_metadata")]
    public void Sections_that_promtool_may_not_know_have_keys_that_Prometheus_does(string discovery, string keys)
    {
        var sections = Yaml.Read($"{Folder}/{discovery}.yml").Items("scrape_configs").SelectMany(job => job.Items($"{discovery}_sd_configs")).ToArray();

        sections.ShouldNotBeEmpty();
        foreach (var section in sections)
        {
            section.AsObject().Select(pair => pair.Key).ShouldBeSubsetOf(keys.Split(','), StringComparer.Ordinal);
            if (discovery == "kubernetes")
            {
                section.Text("role").ShouldBeOneOf("node", "service", "pod", "endpoints", "endpointslice", "ingress");
                section.Map("namespaces").Keys.ShouldBeSubsetOf(["own_namespace", "names"], StringComparer.Ordinal);
            }
        }
    }

    /// <summary>A label that discovery does not create is empty, and a rule that matches it drops every target.</summary>
    [Theory]
    [InlineData("consul", "address,dc,health,partition,metadata_*,node,service_address,service_id,service_metadata_*,service_port,service,tagged_address_*,tags")]
    [InlineData("kubernetes", "namespace,pod_name,pod_ip,pod_label_*,pod_labelpresent_*,pod_annotation_*,pod_annotationpresent_*,pod_container_init,pod_container_name,pod_container_id,pod_container_image,pod_container_port_name,pod_container_port_number,pod_container_port_protocol,pod_ready,pod_phase,pod_node_name,pod_host_ip,pod_uid,pod_controller_kind,pod_controller_name")]
    public void Labels_in_rules_are_created_by_the_discovery(string discovery, string labels)
    {
        var known = labels.Split(',').Select(label => $"__meta_{discovery}_{label}").ToArray();
        var taken = Yaml.Read($"{Folder}/{discovery}.yml").Items("scrape_configs").SelectMany(job => job.Items("relabel_configs"))
            .SelectMany(rule => rule.Items("source_labels")).Select(label => label.ToString()).ToArray();

        taken.ShouldNotBeEmpty();
        taken.ShouldAllBe(label => known.Any(name => name.EndsWith('*') ? label.StartsWith(name.TrimEnd('*'), StringComparison.Ordinal) : label == name));
    }

    [Fact]
    public void There_is_one_for_each_discovery_method() => Repository.Files(Folder, "*.yml").Select(Path.GetFileNameWithoutExtension)
        .ShouldBe(["consul", "file", "kubernetes", "static"]);

    /// <summary>TcpStatExporterDown depends on it.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Each_job_is_named_after_the_exporter(string file)
    {
        foreach (var job in Yaml.Read(file).Items("scrape_configs"))
        {
            job.Text("job_name").ShouldStartWith("tcpstat");
        }
    }

    [Fact]
    public void The_example_of_targets_is_where_Prometheus_looks()
    {
        var pattern = Yaml.Read($"{Folder}/file.yml").Text("scrape_configs", 0, "file_sd_configs", 0, "files", 0);
        Repository.Files($"{Folder}/{Path.GetDirectoryName(pattern)}", Path.GetFileName(pattern)).ShouldHaveSingleItem();
    }

    private static (int ExitCode, string Output) Check(string file)
    {
        var checkedFile = Tool.Run(Repository.Path("."), "promtool", "check", "config", file);
        Assert.SkipWhen(checkedFile is null, "promtool is not on the PATH (Debian: apt-get install prometheus)");
        return checkedFile!.Value;
    }

    [GeneratedRegex("field (?<name>\\w+_sd_configs) not found in type config.ScrapeConfig", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex UnknownDiscovery();
}
