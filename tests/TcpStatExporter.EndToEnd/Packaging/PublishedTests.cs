using System.Net;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Truth;
using TcpStatExporter.EndToEnd.Web;
using Xunit;

namespace TcpStatExporter.EndToEnd.Packaging;

/// <summary>The published programs behave like the assemblies: trimming removed nothing that is needed.</summary>
public sealed class PublishedTests
{
    private const string ProgramVariable = "TCPSTAT_EXPORTER";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_agrees_with_the_tools(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();

        // drops before the exporter's first read are visible only in ss(8)
        using var exporter = ExporterProcess.Start(ns, arguments: ["--counters=all"]);
        exporter.ScrapeFresh();
        using var fault = new EveryState(ns);

        exporter.ShouldAgreeWithTools(ns);

        exporter.Stop().ShouldBe(0);
        exporter.Log.ShouldNotContain("   at ");
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sweep_of_thousands_of_sockets_allocates_nothing_for_each(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var population = new EstablishedPopulation(ns, 5000);
        using var exporter = ExporterProcess.Start(ns, arguments: ["--sweep.cpu-budget=100"]);
        WaitForSweepAfter(exporter, 2);
        var before = exporter.Scrape();

        var after = WaitForSweepAfter(exporter, Sweeps(before) + 2);

        // scrapes and Kestrel allocate some; a boxed key per socket would be 10,000 times 72 bytes per sweep
        var allocated = after.Value("dotnet_gc_allocated_bytes_total") - before.Value("dotnet_gc_allocated_bytes_total");
        allocated.ShouldBeLessThan(400_000);
    });

    /// <summary>
    /// By default, the runtime collects only after allocating as much as the processor's cache holds: tens of MiB on a
    /// server.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_heap_is_collected_every_512_KiB(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns);
        Scrape? scrape = null;
        Wait.Until(
            () => (scrape = exporter.Scrape()).Value("dotnet_gc_allocated_bytes_total") > 6 << 20,
            () => "6 MiB are allocated",
            TimeSpan.FromSeconds(60),
            TimeSpan.FromMilliseconds(10));

        scrape!.Value("dotnet_gc_collections_total", ("generation", "0")).ShouldBeGreaterThanOrEqualTo(6);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Commands_and_errors_print_the_usual_output(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        ExporterProcess.Run(ns, arguments: ["once", "--sample.interval=100ms", "--log.level=error"]).Checked().ShouldContain("\ntcpstat_source_up{source=\"sockets\"} 1\n");
        ExporterProcess.Run(ns, arguments: ["doctor", "--for=1s", "--format=json"]).Output.ShouldStartWith("{");
        var wrong = ExporterProcess.Run(ns, arguments: ["--sample.interval=1h"]);
        (wrong.ExitCode, wrong.Output).ShouldBe((2, ""));
        wrong.Error.Split('\n').Length.ShouldBe(2, wrong.Error);
        var taken = ExporterProcess.Run(ns, arguments: ["--web.listen-address=192.0.2.1:80"]);
        taken.ExitCode.ShouldBe(1);
        taken.Error.ShouldContain("Cannot listen on 192.0.2.1:80: Cannot assign requested address");
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_page_its_parts_and_its_data_are_served(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var fault = new AcceptQueueFull(ns, backlog: 8, clients: 40);
        using var exporter = ExporterProcess.Start(ns);

        Text("/").ShouldStartWith("<!doctype html>", Case.Insensitive);
        Text("/").ShouldContain($"{fault.Listener}");
        Text("/-/page.css").ShouldBe(Repository.Read("src/TcpStatExporter/Web/Page/page.css"));
        Text("/-/page.js").ShouldBe(Repository.Read("src/TcpStatExporter/Web/Page/page.js"));
        Text("/-/critical.svg").ShouldStartWith("<svg ");
        using var view = JsonDocument.Parse(Text("/api/v1/view"));
        view.RootElement.GetProperty("listeners").EnumerateArray().Select(listener => listener.GetProperty("port").GetInt32()).ShouldContain(fault.Listener.Port);
        exporter.Log.ShouldNotContain("   at ");

        string Text(string path) => exporter.Http.GetStringAsync(new Uri(path, UriKind.Relative)).GetAwaiter().GetResult();
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Certificates_and_passwords_admit_the_right_clients(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var folder = new TestFolder();
        using var authority = new TestAuthority("authority");
        folder.Write("authority.pem", authority.Pem);
        folder.Write("server", authority.Server("server"));
        folder.Write("client", authority.Client("prometheus"));
        folder.Write(
            SecuredExporter.ConfigName,
            $"""
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: authority.pem
              client_allowed_sans: [prometheus]
            http_server_config:
              headers:
                X-Frame-Options: deny
            basic_auth_users:
              prometheus: {BasicAuthTests.SecretHash}

            """);
        using var exporter = new SecuredExporter(ns, folder, isTls: true);
        string[] trust = ["--cacert", folder.PathOf("authority.pem")];
        string[] certificate = [.. trust, "--cert", folder.PathOf("client.pem"), "--key", folder.PathOf("client.key")];

        var scrape = exporter.Curl("/metrics", [.. certificate, "--user", "prometheus:secret"]);
        (scrape.Status, scrape.HttpVersion).ShouldBe((200, "1.1"), scrape.Talk);
        scrape.Headers.ShouldContain("x-frame-options: deny");
        scrape.Body.ShouldContain("\ntcpstat_samples_total ");
        exporter.Curl("/metrics", [.. certificate, "--user", "prometheus:Secret"]).Status.ShouldBe(401);
        exporter.Curl("/metrics", certificate).Status.ShouldBe(401);
        exporter.Curl("/metrics", [.. trust, "--user", "prometheus:secret"]).Status.ShouldBe(0, "no certificate");
        Healthy(ns, SecuredExporter.Web);
        exporter.Log.ShouldNotContain("   at ");
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Top_the_health_check_and_the_doctors_drop_in_work(bool native) => WithProgram(native, () =>
    {
        using var ns = NetNamespace.Create();
        using var folder = new TestFolder();
        ns.SetSysctl("net.ipv4.tcp_syncookies", "0");
        using (var exporter = ExporterProcess.Start(ns))
        {
            Healthy(ns, exporter.Web).ShouldBe($"{exporter.Web}: HTTP/1.1 200 OK\n");
            ExporterProcess.Run(ns, arguments: ["top", "--once", "--for=1s"]).Checked().ShouldContain($"{exporter.Web}");
        }

        using var frame = JsonDocument.Parse(ExporterProcess.Run(ns, arguments: ["top", "--once", "--for=1s", "--format=json"]).Checked());
        frame.RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
        var file = folder.PathOf("doctor.conf");
        var doctor = ExporterProcess.Run(ns, arguments: ["doctor", "--for=1s", "--write-sysctl", file]);
        doctor.Output.ShouldContain("[syncookies-off]", Case.Sensitive, doctor.Error);
        File.ReadAllText(file).ShouldContain("\nnet.ipv4.tcp_syncookies = 1\n");
    });

    /// <summary>Returns the output of a successful health check. The check gives up if an answer comes too late.</summary>
    private static string Healthy(NetNamespace ns, IPEndPoint web)
    {
        CommandResult? result = null;
        Wait.Until(
            () => (result = ExporterProcess.Run(ns, arguments: ["healthcheck", $"--web.listen-address={web}"])).ExitCode == 0,
            () => $"healthy; {result!.Output}{result.Error}",
            TimeSpan.FromSeconds(60));
        return result!.Output;
    }

    private static double Sweeps(Scrape scrape) => scrape.Value("tcpstat_sample_duration_seconds_count", ("source", "sweep"));

    private static Scrape WaitForSweepAfter(ExporterProcess exporter, double count)
    {
        Scrape? scrape = null;
        Wait.Until(
            () => (scrape = exporter.Scrape()).Contains("tcpstat_sample_duration_seconds_count", ("source", "sweep")) && Sweeps(scrape) >= count,
            () => $"{count} sweeps",
            TimeSpan.FromSeconds(60),
            TimeSpan.FromSeconds(1));
        return scrape!;
    }

    /// <summary>The tests of this project run one at a time, so setting the variable affects only this test.</summary>
    private static void WithProgram(bool native, Action test)
    {
        var package = native ? Package.Native() : Package.ReadyToRun();
        var before = Environment.GetEnvironmentVariable(ProgramVariable);
        Environment.SetEnvironmentVariable(ProgramVariable, package.Program);
        try
        {
            test();
        }
        finally
        {
            Environment.SetEnvironmentVariable(ProgramVariable, before);
        }
    }
}
