using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Tests.Alerts;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Deploy;

/// <summary>What promtool says to the configurations beside prometheus.yml.</summary>
public sealed partial class ScrapeConfigTests
{
    private const string Folder = "deploy/prometheus/scrape";

    public static TheoryData<string> Files => [.. Repository.Files(Folder, "*.yml"), "deploy/prometheus/remote-write.yml"];

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void Promtool_takes_it(string file)
    {
        var (exitCode, output) = Check(file);

        // Debian's Prometheus is built without Consul and Kubernetes: there the rest is judged
        if (UnknownDiscovery().Match(output) is { Success: true } unknown)
        {
            var text = Repository.Read(file);
            var without = Regex.Replace(text, $@"^    {unknown.Groups["name"].Value}:\n(      .*\n)+", "    static_configs:\n      - targets: [\"localhost:10006\"]\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
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

    [Fact]
    public void There_is_one_for_each_way_to_find_hosts() => Repository.Files(Folder, "*.yml").Select(Path.GetFileNameWithoutExtension)
        .ShouldBe(["consul", "file", "kubernetes", "static"]);

    /// <summary>TcpStatExporterDown looks for it.</summary>
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
        Skip.If(checkedFile is null, "promtool is not on the PATH (Debian: apt-get install prometheus)");
        return checkedFile!.Value;
    }

    [GeneratedRegex("field (?<name>\\w+_sd_configs) not found in type config.ScrapeConfig", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnknownDiscovery();
}
