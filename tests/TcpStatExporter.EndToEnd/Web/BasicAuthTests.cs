using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>basic_auth_users, with curl(1) as the client.</summary>
public sealed class BasicAuthTests : IDisposable
{
    // created with crypt(3) in Debian's perl: "secret" at cost 10, "newer" at cost 5
    internal const string SecretHash = "$2y$10$tcpstatExporterTestSaenzDCtfYAPHpR3gLNsMb/4m6T3vRDy4.";
    internal const string NewerHash = "$2b$05$tcpstatExporterTestSaemfqyOAjxoyMqHCjFnKolX6jEVsfj.dC";

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly TestFolder _folder = new();

    public void Dispose()
    {
        _ns.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_path_needs_a_password()
    {
        using var exporter = Start($"basic_auth_users:\n  prometheus: {SecretHash}\n  other: {NewerHash}\n");

        foreach (var path in (string[])["/metrics", "/", "/-/healthy", "/-/ready", "/nowhere"])
        {
            var refused = exporter.Curl(path);
            refused.Status.ShouldBe(401, path);
            refused.Headers.ShouldContain("\r\nWWW-Authenticate: Basic realm=");
            refused.Body.ShouldBeEmpty();
        }

        Status(exporter, "prometheus:secret").ShouldBe(200);
        Status(exporter, "other:newer").ShouldBe(200);
        ((string[])["prometheus:newer", "prometheus:", "other:secret", "nobody:secret", ":secret", "Prometheus:secret"])
            .Where(credentials => Status(exporter, credentials) != 401).ShouldBeEmpty();
        exporter.Curl("/metrics", "--header", "Authorization: Basic ???").Status.ShouldBe(401);
        exporter.Curl("/metrics", "--header", "Authorization: Bearer secret").Status.ShouldBe(401);
        exporter.Curl("/nowhere", "--user", "prometheus:secret").Status.ShouldBe(404);
        exporter.Log.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Guessing_takes_a_fifth_of_a_core_and_locks_nobody_out()
    {
        using var exporter = Start($"basic_auth_users:\n  prometheus: {SecretHash}\n");
        Status(exporter, "prometheus:secret").ShouldBe(200);
        var checker = Directory.GetDirectories($"/proc/{exporter.Id}/task").First(task => File.ReadAllText($"{task}/comm") == "bcrypt\n");
        var (busy, wrong) = (0, 0);
        using var stop = new CancellationTokenSource();
        var guessers = Enumerable.Range(0, 8).Select(number => GuessAsync(number, stop.Token)).ToArray();
        var (started, cpu) = (Stopwatch.GetTimestamp(), CpuTime(checker));
        var times = new List<TimeSpan>();
        for (var i = 0; i < 20; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            Status(exporter, "prometheus:secret").ShouldBe(200, "it is remembered");
            times.Add(Stopwatch.GetElapsedTime(asked));
            await Task.Delay(200);
        }

        // another password from another address has to be checked, and waits for at most four guesses
        exporter.Curl("/metrics", "--user", "nobody:secret", "--interface", "127.0.0.2").Status.ShouldBe(401);
        var share = (CpuTime(checker) - cpu) / Stopwatch.GetElapsedTime(started);
        await stop.CancelAsync();
        await Task.WhenAll(guessers);

        share.ShouldBeLessThan(0.3, "a fifth, and the guess under way");
        times.Order().ElementAt(times.Count / 2).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        wrong.ShouldBePositive();
        busy.ShouldBeGreaterThan(wrong, "most are turned away");

        async Task GuessAsync(int number, CancellationToken stopped)
        {
            using var http = NamespaceHttp.Client(_ns, SecuredExporter.Web);
            http.Timeout = TimeSpan.FromMinutes(1);
            for (var i = 0; !stopped.IsCancellationRequested; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"prometheus:{number}-{i}"))));
                using var response = await http.SendAsync(request, CancellationToken.None);
                Interlocked.Increment(ref (int)response.StatusCode == 401 ? ref wrong : ref busy);
                await Task.Delay(10, CancellationToken.None);
            }
        }
    }

    private static int Status(SecuredExporter exporter, string credentials) => exporter.Curl("/metrics", "--user", credentials).Status;

    /// <summary>Returns user and system time of a thread (proc_pid_stat(5), in ticks of 10 ms).</summary>
    private static TimeSpan CpuTime(string thread)
    {
        var fields = File.ReadAllText($"{thread}/stat").Split(") ")[1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    private SecuredExporter Start(string config)
    {
        _folder.Write(SecuredExporter.ConfigName, config);
        return new SecuredExporter(_ns, _folder, isTls: false);
    }
}
