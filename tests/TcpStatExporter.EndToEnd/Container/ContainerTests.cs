using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.EndToEnd.Alerting;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Container;

/// <summary>
/// The image of the Dockerfile, run as in deploy/compose: no capabilities, no writable files, a user without a name.
/// </summary>
/// <param name="image">The image.</param>
public sealed partial class ContainerTests(ContainerImage image) : IClassFixture<ContainerImage>
{
    private const string Container = "tcpstat-exporter";
    private const string Unit = "web.service";

    private static readonly IPEndPoint Web = new(IPAddress.Loopback, 10006);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void The_image_describes_itself()
    {
        image.Require();

        var config = image.Inspect().GetProperty("Config");

        config.GetProperty("User").GetString().ShouldBe("1654"); // a number, because runAsNonRoot cannot check a name
        config.GetProperty("Entrypoint").EnumerateArray().Select(part => part.GetString()).ShouldBe(["/usr/bin/tcpstat-exporter"]);
        config.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name).ShouldBe(["10006/tcp"]);
        var labels = config.GetProperty("Labels");
        labels.GetProperty("org.opencontainers.image.version").GetString().ShouldBe(ContainerImage.Version);
        labels.GetProperty("org.opencontainers.image.revision").GetString().ShouldBe(ContainerImage.Revision);
        labels.GetProperty("org.opencontainers.image.licenses").GetString().ShouldBe("Apache-2.0");
        labels.GetProperty("org.opencontainers.image.title").GetString().ShouldBe(Container);
    }

    [Fact]
    public void It_adds_only_the_program_to_its_base()
    {
        image.Require();

        var root = image.Podman("image", "mount", ContainerImage.Name).Checked().Trim();

        File.Exists(Path.Combine(root, "usr/bin/tcpstat-exporter")).ShouldBeTrue();
        Directory.GetFiles(Path.Combine(root, "usr/bin")).ShouldHaveSingleItem();
        Directory.Exists(Path.Combine(root, "source")).ShouldBeFalse();
    }

    [Fact]
    public void It_sees_the_hosts_sockets_and_owners_without_privileges_and_stops_on_request()
    {
        image.Require();
        using var ns = NetNamespace.Create();
        using var cgroup = new Cgroup($"tcpstat-{Environment.ProcessId}.slice", Unit);
        using var service = ExporterProcess.Start(ns, launcher: ["sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", cgroup.Processes]);
        using var container = image.Start(
            ns,
            $"--name={Container}", "--network=host", "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt=no-new-privileges",
            $"--volume={image.CgroupFolder}:/host/sys/fs/cgroup:ro", ContainerImage.Name);
        try
        {
            using var http = NamespaceHttp.Client(ns, Web);
            container.WaitUntilReady(http, Limit);

            var status = File.ReadAllText($"/proc/{image.Podman("inspect", "--format={{.State.Pid}}", Container).Checked().Trim()}/status");
            CapabilitySet().Matches(status).Select(set => set.Groups["set"].Value).ShouldBe(Enumerable.Repeat("0000000000000000", 5), status);
            status.ShouldContain("Uid:\t1654\t1654\t1654\t1654");

            Scrape Scrape() => Exporter.Scrape.Parse(http.GetStringAsync(new Uri("/metrics", UriKind.Relative)).GetAwaiter().GetResult());
            Wait.Until(
                () => Scrape().OfListener("tcpstat_listen_sockets", service.Web)?["unit"] == Unit,
                () => Scrape().Text,
                Limit,
                TimeSpan.FromMilliseconds(250));
            var sources = Scrape().Samples("tcpstat_source_up");
            sources.Count.ShouldBeGreaterThan(5);
            sources.ShouldAllBe(source => source.Value == 1);
            Scrape().Samples("tcpstat_build_info").ShouldHaveSingleItem()["version"].ShouldBe(ContainerImage.Version);

            Wait.Until(() => image.Podman("healthcheck", "run", Container).ExitCode == 0, () => "it is healthy", Limit);
            var elsewhere = image.Podman("exec", Container, "/usr/bin/tcpstat-exporter", "healthcheck", "--web.listen-address=127.0.0.1:1");
            elsewhere.ExitCode.ShouldBe(1);
            elsewhere.Output.ShouldContain("127.0.0.1:1: Connection refused");
        }
        finally
        {
            image.Podman("stop", "--time=60", Container);
        }

        container.WaitForExit(Limit).ShouldBe(0, container.Error);
        container.Error.ShouldContain("Stopped.");
    }

    /// <summary>
    /// With the rights of the DaemonSet's second container, and the runtime's filter of system calls. podman cannot share the
    /// host's processes here, so the client and its network namespace are processes of the container.
    /// </summary>
    [Fact]
    public void As_the_opener_it_serves_the_exporters_user_with_two_capabilities()
    {
        const string Opener = "opener";
        const string Listen = "$^F = 100; socket(my $s, AF_INET, SOCK_STREAM, 0); bind($s, pack_sockaddr_in(8123, INADDR_LOOPBACK)) and listen($s, 5) or die $!; exec @ARGV, $$";
        image.Require();
        Requires.Program("perl");
        Requires.Program("setpriv");
        using var ns = NetNamespace.Create();
        using var folder = new TestFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        var script = folder.PathOf("ask-opener.pl");
        File.Copy(Repository.Path("tests/TcpStatExporter.EndToEnd/Namespaces/ask-opener.pl"), script);
        using var container = image.Start(
            ns,
            $"--name={Opener}", "--network=host", "--user=0:1654", "--read-only", "--read-only-tmpfs=false",
            "--cap-drop=ALL", "--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE", "--security-opt=no-new-privileges",
            $"--volume={folder.Path}:/run", ContainerImage.Name, Opener, "--client-uid=1654");
        var answer = "";
        try
        {
            Wait.Until(() => (answer = Ask(1654)) == "ports 8123\n", () => $"an answer, not {answer}{container.Error}", Limit, TimeSpan.FromMilliseconds(250));
            Ask(1655).ShouldBe("connect: Permission denied\n");

            var status = File.ReadAllText($"/proc/{Pid()}/status");
            CapabilitySet().Matches(status).Select(set => set.Groups["set"].Value).Max(StringComparer.Ordinal).ShouldBe("0000000000280000", status);
            status.ShouldContain("\nSeccomp:\t2\n");
            status.ShouldContain("\nNoNewPrivs:\t1\n");
        }
        finally
        {
            image.Podman("stop", "--time=60", Opener);
        }

        container.WaitForExit(Limit).ShouldBe(0, container.Error);

        string Pid() => image.Podman("inspect", "--format={{.State.Pid}}", Opener).Output.Trim();

        string Ask(int user)
        {
            var result = ChildProcess.Run(
                "nsenter",
                [
                    "-t", Pid(), "-p", "unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", "perl", "-MSocket", "-e", Listen,
                    "setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "perl", script, folder.PathOf("tcpstat-exporter-opener.sock"),
                ]);
            return result.Output + result.Error;
        }
    }

    [GeneratedRegex(@"^Cap\w+:\t(?<set>[0-9a-f]+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CapabilitySet();
}
