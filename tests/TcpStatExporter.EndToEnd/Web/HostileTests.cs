using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>
/// Hostile clients at 127.0.0.1, and a scraper at 127.0.0.2 that opens a new connection each time. This must hold under the
/// shipped limits: the sampler misses no tick that a second exporter, which nobody attacks, does not miss too. Its memory and
/// descriptors stay below those limits. Every scrape is answered.
/// </summary>
public sealed partial class HostileTests(ITestOutputHelper output) : IDisposable
{
    private const int Held = 10_000;

    private const string Scraper = "127.0.0.2";

    /// <summary>
    /// Rounds of an attack. In one of them the attack must cost no tick, because other work may delay only the attacked
    /// exporter.
    /// </summary>
    private const int Rounds = 3;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    /// <summary>Prometheus's usual scrape_timeout.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>LimitNOFILE in the unit.</summary>
    private static readonly int MostDescriptors = (int)Shipped("deploy/systemd/tcpstat-exporter.service", NoFile());

    /// <summary>The smallest limit in the unit, the compose file and the DaemonSet.</summary>
    private static readonly double MostMemoryMiB = new[]
    {
        Shipped("deploy/systemd/tcpstat-exporter.service", MemoryMax()),
        Shipped("deploy/compose/compose.yml", MemLimit()),
        Shipped("deploy/kubernetes/exporter/daemonset.yaml", Limits()),
    }.Min();

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly NetNamespace _quiet = NetNamespace.Create();
    private readonly TestFolder _folder = new();

    public void Dispose()
    {
        _ns.Dispose();
        _quiet.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Half: a head")]
    [InlineData("\u0016\u0003\u0001\0\u0001garbage \u0080\u00ff\0\r\n\r\n\r\n")]
    public void Ten_thousand_held_connections_cost_no_tick_and_lock_nobody_out(string says)
    {
        Requires.Descriptors(Held + 2_000);
        using var exporter = Start("");

        var storm = ShouldBear(
            exporter,
            () => new ConnectionStorm(_ns, SecuredExporter.Web, Held, Encoding.Latin1.GetBytes(says)),
            storm => storm.Opened > Held,
            full: storm =>
            {
                storm.HoldStill();
                CurlAnswer? answer = null;
                Wait.Until(
                    () => (answer = exporter.Curl("/metrics", "--interface", "127.0.0.1")).Status == 200,
                    () => $"it serves the address that holds all; {answer?.Talk}; log:\n{exporter.Log}");
            });

        output.WriteLine($"{storm.Opened} connections opened");
    }

    [Fact]
    public void Headers_of_a_megabyte_are_rejected()
    {
        using var exporter = Start("");

        var storm = ShouldBear(
            exporter,
            () => new ConnectionStorm(
                _ns, SecuredExporter.Web, 1_000, Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('a', 1024 * 1024)}\r\n\r\n")),
            storm => storm.Opened > 1_000);

        output.WriteLine($"{storm.Opened} headers begun");
    }

    [Fact]
    public void Slow_headers_are_cut_off()
    {
        using var exporter = Start("");

        ShouldBear(exporter, () => new DrippingClients(_ns, SecuredExporter.Web, 200), clients => clients.TurnedAway >= 200);
    }

    [Fact]
    public void Held_TLS_connections_are_limited_too()
    {
        using var authority = new TestAuthority("authority");
        _folder.Write("server", authority.Server("server"));
        using var exporter = Start("tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n", isTls: true);

        var held = ShouldBear(exporter, () => new HeldHandshakes(_ns, SecuredExporter.Web, 2_000), held => held.Finished > 256);

        output.WriteLine($"{held.Finished} handshakes");
    }

    [Fact]
    public void Clients_that_do_not_read_are_cut_off_and_take_at_most_half_of_the_scrape_slots()
    {
        _ns.SetSysctl("net.ipv4.tcp_wmem", "4096 16384 32768");
        _ns.SetSysctl("net.ipv4.tcp_rmem", "4096 8192 8192");
        using var crowd = new ListenerCrowd(_ns, 450);
        using var exporter = Start("", arguments: ["--listeners.max=1000"]);
        Wait.Until(() => exporter.Curl("/metrics").Body.Length > 1_000_000, () => "a page too large for the sockets");

        ShouldBear(exporter, () => new SlowReaders(_ns, SecuredExporter.Web, 100), readers => readers.CutOff > 0);
    }

    /// <summary>
    /// Starts it with the unit's limit of descriptors, and with the heap that the runtime uses in a container with this much
    /// memory: three quarters.
    /// </summary>
    private SecuredExporter Start(string config, bool isTls = false, params string[] arguments)
    {
        Requires.Program("prlimit");
        _folder.Write(SecuredExporter.ConfigName, config);
        var heap = (long)(MostMemoryMiB * 1024 * 1024 * 0.75);
        return new SecuredExporter(
            _ns,
            _folder,
            isTls,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = heap.ToString("x", CultureInfo.InvariantCulture) },
            arguments,
            ["prlimit", $"--nofile={MostDescriptors}:{MostDescriptors}", "--"]);
    }

    /// <summary>Scrapes on new connections during an attack.</summary>
    /// <param name="exporter">The attacked exporter.</param>
    /// <param name="begin">Starts the attack.</param>
    /// <param name="isReached">What the attack has to reach.</param>
    /// <param name="full">Checked once more before the attack ends.</param>
    /// <returns>The finished attack.</returns>
    private T ShouldBear<T>(SecuredExporter exporter, Func<T> begin, Func<T, bool> isReached, Action<T>? full = null)
        where T : IDisposable
    {
        // if the machine itself delays ticks, for example because of other tests, it delays both exporters
        using var quiet = ExporterProcess.Start(_quiet);
        for (var round = 1; ; round++)
        {
            var (attack, missed, missedInQuiet) = Bear(exporter, quiet, begin, isReached, full);
            if (missed <= missedInQuiet || round == Rounds)
            {
                missed.ShouldBeLessThanOrEqualTo(missedInQuiet);
                return attack;
            }
        }
    }

    private (T Attack, double Missed, double MissedInQuiet) Bear<T>(SecuredExporter exporter, ExporterProcess quiet, Func<T> begin, Func<T, bool> isReached, Action<T>? full)
        where T : IDisposable
    {
        // the quiet one is watched for longer, at both ends
        var quietBefore = quiet.Scrape();
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

            Wait.Until(() => isReached(attack), () => $"the attack is all that it is meant to be; log:\n{exporter.Log}", TimeSpan.FromMinutes(1));
            full?.Invoke(attack);
        }

        var (taken, missed) = (0.0, 0.0);
        Wait.Until(
            () =>
            {
                var after = ScrapeOf(exporter, Scraper);
                (taken, missed) = (Grown(before, after, "tcpstat_samples_total"), Grown(before, after, "tcpstat_samples_missed_total"));
                return taken + missed >= Duration.TotalSeconds - 1;
            },
            () => $"each tick is taken or missed, not {taken} and {missed}; log:\n{exporter.Log}",
            pause: TimeSpan.FromMilliseconds(100));
        var missedInQuiet = Grown(quietBefore, quiet.ScrapeFresh(), "tcpstat_samples_missed_total");
        var peak = Memory(exporter.Id, "VmHWM") / 1024;
        output.WriteLine(
            $"{scrapes} scrapes, slowest {slowest.TotalMilliseconds:F0} ms; {taken} samples, {missed} missed, {missedInQuiet} by the one in quiet; at most {most} descriptors; memory {memory / 1024:F0} MiB, {peak:F0} at most");
        exporter.Log.ShouldNotContain("   at ");
        exporter.Log.ShouldNotContain("Too many open files");
        slowest.ShouldBeLessThan(Patience);
        most.ShouldBeLessThan(MostDescriptors);
        peak.ShouldBeLessThan(MostMemoryMiB);
        return (attack, missed, missedInQuiet);
    }

    private static double Grown(Scrape before, Scrape after, string name) => after.Value(name) - before.Value(name);

    /// <summary>Returns a limit from a file.</summary>
    private static double Shipped(string file, Regex limit) =>
        double.Parse(limit.Match(Repository.Read(file)).Groups["limit"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^LimitNOFILE=(?<limit>\d+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex NoFile();

    [GeneratedRegex(@"^MemoryMax=(?<limit>\d+)M$", RegexOptions.Multiline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex MemoryMax();

    [GeneratedRegex(@"mem_limit: (?<limit>\d+)m\b", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex MemLimit();

    [GeneratedRegex(@"limits:\s+memory: (?<limit>\d+)Mi\b", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Limits();

    private static Scrape ScrapeOf(SecuredExporter exporter, string from)
    {
        var answer = exporter.Curl("/metrics", "--insecure", "--interface", from);
        answer.Status.ShouldBe(200, $"{answer.Talk}; log:\n{exporter.Log}");
        return Scrape.Parse(answer.Body);
    }

    /// <summary>Returns a value of proc_pid_status(5), in KiB.</summary>
    private static double Memory(int pid, string name) =>
        double.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
