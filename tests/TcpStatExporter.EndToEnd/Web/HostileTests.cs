using System.Diagnostics;
using System.Globalization;
using System.Text;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using TcpStatExporter.EndToEnd.Lab;
using Xunit;
using Xunit.Abstractions;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>
/// Clients that mean harm, at 127.0.0.1, and a scraper at 127.0.0.2 that makes a connection each time. What must hold:
/// the sampler misses no tick, memory stays bounded, and each scrape is served.
/// </summary>
public sealed class HostileTests(ITestOutputHelper output) : IDisposable
{
    private const int Held = 10_000;

    /// <summary>Ticks that this machine itself may lose while other tests run on its two cores.</summary>
    private const int MachineNoise = 1;

    /// <summary>
    /// Descriptors: at most half of what the attackers try to hold. Beside the connections that are in (ConnectionTable)
    /// there are those that were refused and whose sockets the server is about to close: on a fast machine 1,500 of them were seen.
    /// </summary>
    private const int MostDescriptors = 5_000;

    private const string Scraper = "127.0.0.2";

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    /// <summary>Prometheus' usual scrape_timeout.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly TestFolder _folder = new();

    public void Dispose()
    {
        _ns.Dispose();
        _folder.Dispose();
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half: a head")]
    [InlineData("\u0016\u0003\u0001\0\u0001garbage \u0080\u00ff\0\r\n\r\n\r\n")]
    public void Ten_thousand_held_connections_cost_no_tick_and_keep_nobody_out(string says)
    {
        Requires.Descriptors(Held + 2_000);
        using var exporter = Start("");

        var storm = ShouldBear(
            exporter,
            memoryMiB: 160,
            () => new ConnectionStorm(_ns, SecuredExporter.Web, Held, Encoding.Latin1.GetBytes(says)),
            full: storm =>
            {
                Wait.Until(() => storm.Opened > Held, () => "it holds all that it can", TimeSpan.FromSeconds(60));
                storm.HoldStill();
                ScrapeOf(exporter, "127.0.0.1");
            });

        storm.Opened.ShouldBeGreaterThan(Held);
        output.WriteLine($"{storm.Opened} connections opened");
    }

    [SkippableFact]
    public void Headers_of_a_megabyte_are_not_taken()
    {
        using var exporter = Start("");

        var storm = ShouldBear(
            exporter,
            memoryMiB: 160,
            () => new ConnectionStorm(
                _ns, SecuredExporter.Web, 1_000, Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Long: {new string('a', 1024 * 1024)}\r\n\r\n")));

        storm.Opened.ShouldBeGreaterThan(1_000);
        output.WriteLine($"{storm.Opened} headers begun");
    }

    [SkippableFact]
    public void Slow_headers_are_cut_off()
    {
        using var exporter = Start("");

        ShouldBear(exporter, memoryMiB: 160, () => new DrippingClients(_ns, SecuredExporter.Web, 200)).TurnedAway.ShouldBeGreaterThanOrEqualTo(200);
    }

    [SkippableFact]
    public void Held_TLS_connections_are_bounded_too()
    {
        using var authority = new TestAuthority("authority");
        _folder.Write("server", authority.Server("server"));
        using var exporter = Start("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n", isTls: true);

        var held = ShouldBear(exporter, memoryMiB: 160, () => new HeldHandshakes(_ns, SecuredExporter.Web, 2_000));

        held.Finished.ShouldBeGreaterThan(256);
        output.WriteLine($"{held.Finished} handshakes");
    }

    [SkippableFact]
    public void Readers_that_do_not_read_are_cut_off_and_take_no_more_than_half_of_the_scrapes()
    {
        _ns.SetSysctl("net.ipv4.tcp_wmem", "4096 16384 32768");
        _ns.SetSysctl("net.ipv4.tcp_rmem", "4096 8192 8192");
        using var crowd = new ListenerCrowd(_ns, 500);
        using var exporter = Start("", arguments: ["--listeners.max=1000"]);
        Wait.Until(() => exporter.Curl("/metrics").Body.Length > 1_000_000, () => "a page too large for the sockets", TimeSpan.FromSeconds(10));

        ShouldBear(exporter, memoryMiB: 160, () => new SlowReaders(_ns, SecuredExporter.Web, 100)).CutOff.ShouldBePositive();
    }

    private SecuredExporter Start(string config, bool isTls = false, params string[] arguments)
    {
        _folder.Write(SecuredExporter.ConfigName, config);
        return new SecuredExporter(_ns, _folder, isTls, arguments: arguments);
    }

    /// <summary>Scrapes on new connections during an attack.</summary>
    /// <param name="exporter">Who is attacked.</param>
    /// <param name="memoryMiB">Memory that it may take beside what it had.</param>
    /// <param name="begin">Begins the attack.</param>
    /// <param name="full">What is looked at once more before it is over.</param>
    /// <returns>The attack, which is over.</returns>
    private T ShouldBear<T>(SecuredExporter exporter, double memoryMiB, Func<T> begin, Action<T>? full = null)
        where T : IDisposable
    {
        // scraped before, or the first scrape's own memory would count
        var before = Enumerable.Range(0, 10).Select(_ => ScrapeOf(exporter, Scraper)).Last();
        var memory = Memory(exporter.Id, "VmRSS");
        var slowest = TimeSpan.Zero;
        var most = 0;
        var (started, scrapes) = (Stopwatch.GetTimestamp(), 0);
        var attack = begin();
        using (attack)
        {
            for (; Stopwatch.GetElapsedTime(started) < Duration; scrapes++)
            {
                var asked = Stopwatch.GetTimestamp();
                ScrapeOf(exporter, Scraper);
                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(asked).Ticks));
                most = Math.Max(most, Directory.GetFiles($"/proc/{exporter.Id}/fd").Length);
            }

            full?.Invoke(attack);
        }

        var after = ScrapeOf(exporter, Scraper);
        var missed = after.Value("tcpstat_samples_missed_total") - before.Value("tcpstat_samples_missed_total");
        var taken = after.Value("tcpstat_samples_total") - before.Value("tcpstat_samples_total");
        var grown = (Memory(exporter.Id, "VmHWM") - memory) / 1024;
        output.WriteLine(
            $"{scrapes} scrapes, slowest {slowest.TotalMilliseconds:F0} ms; {taken} samples, {missed} missed; at most {most} descriptors; memory {memory / 1024:F0} MiB and {grown:F0} more at most");
        exporter.Log.ShouldNotContain("   at ");
        missed.ShouldBeLessThanOrEqualTo(MachineNoise);
        taken.ShouldBeGreaterThanOrEqualTo(Duration.TotalSeconds - 1 - MachineNoise);
        slowest.ShouldBeLessThan(Patience);
        most.ShouldBeLessThan(MostDescriptors);
        grown.ShouldBeLessThan(memoryMiB);
        return attack;
    }

    private static Scrape ScrapeOf(SecuredExporter exporter, string from)
    {
        var answer = exporter.Curl("/metrics", "--insecure", "--interface", from);
        answer.Status.ShouldBe(200, $"{answer.Talk}; log:\n{exporter.Log}");
        return Scrape.Parse(answer.Body);
    }

    /// <summary>A figure of proc_pid_status(5), in KiB.</summary>
    private static double Memory(int pid, string name) =>
        double.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
