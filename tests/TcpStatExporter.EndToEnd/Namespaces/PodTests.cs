using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Namespaces;

/// <summary>Pods and containers on the real kernel, seen by an exporter without a privilege: who loses connections, by name.</summary>
public sealed class PodTests : IDisposable
{
    private const string Id = "8f14e45fceea167a5a36dedd4bea2543c1b2a3d4e5f60718293a4b5c6d7e8f90";
    private const string Uid = "2f7b3c1a-0d5e-4f6a-9b8c-7d6e5f4a3b2c";
    private const string Pod = "tcpstat-shop/cart-6d4cf56db6-x2x7k";
    private const string Drops = "tcpstat_tcpext_listen_drops_total";

    // names of their own: another run may be under way
    private static readonly string Slice = $"tcpstat-{Environment.ProcessId}";

    private readonly string _logs = Directory.CreateTempSubdirectory("tcpstat-logs-").FullName;

    public PodTests()
    {
        Directory.CreateDirectory(Path.Combine(_logs, "pods", $"tcpstat-shop_cart-6d4cf56db6-x2x7k_{Uid}"));
        File.SetUnixFileMode(_logs, (UnixFileMode)0b111_101_101);
    }

    /// <summary>The form of each runtime and driver.</summary>
    public static TheoryData<string, string> Forms => new()
    {
        { $"kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Uid.Replace('-', '_')}.slice/cri-containerd-{Id}.scope", Pod },
        { $"kubepods.slice/kubepods-pod{Uid.Replace('-', '_')}.slice/crio-{Id}.scope/container", Pod },
        { $"kubepods/burstable/pod{Uid}/{Id}", Pod },
        { $"kubepods/pod{Uid}/crio-{Id}", Pod },
        { $"system.slice/docker-{Id}.scope", Id[..12] },
        { $"docker/{Id}", Id[..12] },
        { $"machine.slice/libpod-{Id}.scope/container", Id[..12] },
        { "system.slice/tcpstat-private.service", "tcpstat-private.service" },
    };

    public void Dispose() => Directory.Delete(_logs, recursive: true);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Each_form_of_cgroup_has_its_name(string form, string name)
    {
        using var ns = NetNamespace.Create();
        using var pod = new LabPod(form);
        using var exporter = Start(ns, asNobody: true, "--netns.series=all", $"--netns.include={name}");
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_netns_info").Any(), () => exporter.Log);
        var info = exporter.Scrape().Samples("tcpstat_netns_info").ShouldHaveSingleItem();
        info["netns"].ShouldBe(name);
        info["workload"].ShouldBe(name == Pod ? "cart" : "");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pod_that_loses_connections_is_told_by_name_from_0_on_and_goes_on_when_it_starts_anew(bool asNobody)
    {
        using var ns = NetNamespace.Create();
        using var exporter = Start(ns, asNobody, "--netns.include=tcpstat-shop/*");
        Wait.Until(() => exporter.Scrape().Contains("tcpstat_netns_seen"), () => exporter.Log);
        exporter.Scrape().Samples(Drops).ShouldAllBe(sample => !sample.Labels.ContainsKey("netns"));
        double first;
        using (var pod = new LabPod($"{Slice}/kubepods/burstable/pod{Uid}/{Id}"))
        {
            Wait.Until(() => exporter.Scrape().Value("tcpstat_netns_sampled") == 1, () => exporter.Log);
            exporter.Scrape().Samples(Drops).ShouldAllBe(sample => !sample.Labels.ContainsKey("netns"), "it is not in trouble");
            pod.Overflow(clients: 12);
            Wait.Until(() => Lost(exporter) is not null, () => "series of the pod");
            Lost(exporter).ShouldBe(0, "a rate needs the sample before the first increment");
            Wait.Until(() => Lost(exporter) >= 10, () => $"10 lost, {Lost(exporter)} told");
            exporter.Scrape().Value("tcpstat_netns_listen_drops_total").ShouldBeGreaterThanOrEqualTo(10);
            exporter.Scrape().Value(Drops).ShouldBe(0, "the host loses nothing");

            // whoever judges names it
            Wait.Until(
                () => exporter.Scrape().Samples("tcpstat_finding").Any(sample => sample.Labels.GetValueOrDefault("netns") == Pod && sample["id"] == "listener-dropping" && sample.Value == 1),
                () => exporter.Log);
            Wait.Until(() => exporter.Log.Contains($", in {Pod}]", StringComparison.Ordinal), () => exporter.Log);
            var page = exporter.Http.GetStringAsync(new Uri("/", UriKind.Relative)).GetAwaiter().GetResult();
            page.ShouldContain($"./?netns={Uri.EscapeDataString(Pod)}");
            exporter.Http.GetStringAsync(new Uri($"/?netns={Uri.EscapeDataString(Pod)}", UriKind.Relative)).GetAwaiter().GetResult().ShouldContain($"{Pod} on ");
            using var view = JsonDocument.Parse(exporter.Http.GetStringAsync(new Uri("/api/v1/view", UriKind.Relative)).GetAwaiter().GetResult());
            var row = view.RootElement.GetProperty("namespaces")[0];
            row.GetProperty("netns").GetString().ShouldBe(Pod);
            row.GetProperty("was_in_trouble").GetBoolean().ShouldBeTrue();
            first = Lost(exporter)!.Value;
        }

        Wait.Until(() => Lost(exporter) is null, () => "its series go with it");
        using var again = new LabPod($"{Slice}/kubepods/burstable/pod{Uid}/{Id}");
        Wait.Until(() => exporter.Scrape().Value("tcpstat_netns_sampled") == 1, () => exporter.Log);
        again.Overflow(clients: 12);
        Wait.Until(() => Lost(exporter) is not null, () => "series of the pod");
        Lost(exporter)!.Value.ShouldBeGreaterThanOrEqualTo(first, "a counter never goes back");
        Wait.Until(() => Lost(exporter) >= first + 10, () => $"10 more than {first} lost, {Lost(exporter)} told");
    }

    [Fact]
    public void The_doctor_and_top_name_the_pod()
    {
        using var ns = NetNamespace.Create();
        using var pod = new LabPod($"{Slice}/kubepods/burstable/pod{Uid}/{Id}");

        // SYNs are sent again after 1, 3 and 7 s: some within the watch
        pod.Overflow(clients: 40);
        var doctor = ExporterProcess.Run(ns, asNobody: true, "doctor", "--for=4s", $"--netns={Pod}", $"--path.pod-logs={_logs}");
        doctor.Output.ShouldContain($"In pod {Pod}:");
        doctor.Output.ShouldContain("[listener-dropping]");
        doctor.ExitCode.ShouldBe(2);
        var none = ExporterProcess.Run(ns, asNobody: true, "doctor", "--for=1s", "--netns=no/such", $"--path.pod-logs={_logs}");
        none.ExitCode.ShouldBe(2);
        none.Output.ShouldBe("");
        none.Error.ShouldContain("no network namespace has this name");

    }

    [Fact]
    public void Top_lists_pods_and_shows_one()
    {
        using var ns = NetNamespace.Create();
        using var pod = new LabPod($"{Slice}/kubepods/burstable/pod{Uid}/{Id}");
        var list = ExporterProcess.Run(ns, asNobody: true, "top", "--once", "--for=1s", $"--path.pod-logs={_logs}");
        list.Checked().ShouldContain("PODS AND CONTAINERS");
        list.Output.ShouldContain(Pod);
        ExporterProcess.Run(ns, asNobody: true, "top", "--once", "--for=1s", $"--netns={Pod}", $"--path.pod-logs={_logs}").Checked().ShouldContain($"TCP of {Pod} on ");
        var none = ExporterProcess.Run(ns, asNobody: true, "top", "--once", "--for=1s", "--netns=no/such", $"--path.pod-logs={_logs}");
        none.ExitCode.ShouldBe(2);
        none.Error.ShouldContain("there is no network namespace 'no/such'");
    }

    /// <summary>Its cgroup says nothing. Only root may compare its namespace with those in /run/netns.</summary>
    [Fact]
    public void A_namespace_that_only_run_netns_knows_has_its_name_there()
    {
        using var ns = NetNamespace.Create();
        using var named = new LabPod($"{Slice}/plain");
        using var exporter = Start(ns, asNobody: false, "--netns.series=all", $"--netns.include={named.Namespace.Name}");
        Wait.Until(() => exporter.Scrape().Samples("tcpstat_netns_info").Any(), () => exporter.Log);
        var info = exporter.Scrape().Samples("tcpstat_netns_info").ShouldHaveSingleItem();
        (info["netns"], info["kind"]).ShouldBe((named.Namespace.Name, "named"));
    }

    /// <summary>hidepid of a procfs of its own: what ProtectProc=invisible does too.</summary>
    [Fact]
    public void Where_processes_are_hidden_the_log_says_so_and_the_host_is_sampled_as_ever()
    {
        using var ns = NetNamespace.Create();
        using var pod = new LabPod($"{Slice}/kubepods/burstable/pod{Uid}/{Id}");
        using var exporter = ExporterProcess.Start(
            ns,
            asNobody: true,
            launcher: ["unshare", "--mount", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"", "sh"],
            arguments: ["--sample.interval=100ms", "--netns=counters", "--netns.interval=1s", "--netns.series=all", $"--path.pod-logs={_logs}"]);
        Wait.Until(() => exporter.Log.Contains("cannot see processes of other users", StringComparison.Ordinal), () => exporter.Log);
        Wait.Until(() => exporter.Scrape().Contains("tcpstat_netns_seen"), () => exporter.Log);

        // it still sees processes of its own user, whoever started them
        exporter.Scrape().Samples("tcpstat_netns_info").ShouldAllBe(sample => sample["netns"] != Pod);
        exporter.ScrapeFresh().Value("tcpstat_source_up", ("source", "netstat")).ShouldBe(1);
    }

    private static double? Lost(ExporterProcess exporter) =>
        exporter.Scrape().Samples(Drops).Where(sample => sample.Labels.GetValueOrDefault("netns") == Pod).Select(sample => (double?)sample.Value).SingleOrDefault();

    private ExporterProcess Start(NetNamespace ns, bool asNobody, params string[] arguments) => ExporterProcess.Start(
        ns, asNobody, arguments: ["--sample.interval=100ms", "--netns=counters", "--netns.interval=1s", "--peak.window=2s", $"--path.pod-logs={_logs}", .. arguments]);
}
