using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>What strangers send in large numbers or at the wrong time.</summary>
public sealed class FloodTests(ITestOutputHelper output) : IDisposable
{
    private const string Tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

    private readonly NetNamespace _ns = NetNamespace.Create();
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority = new("authority");

    public void Dispose()
    {
        _ns.Dispose();
        _folder.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void Rapid_resets_cause_only_a_few_log_lines_and_scrapes_continue()
    {
        using var exporter = Start(Tls);
        var slowest = TimeSpan.Zero;
        using var clients = new ResettingClients(_ns, SecuredExporter.Web, 8);
        Wait.Until(
            () =>
            {
                var asked = Stopwatch.GetTimestamp();
                exporter.Curl("/metrics", "--insecure", "--interface", "127.0.0.2").Status.ShouldBe(200, exporter.Log);
                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(asked).Ticks));
                return clients.Connections >= 100;
            },
            () => $"{clients.Connections} connections that reset",
            TimeSpan.FromMinutes(2));

        output.WriteLine($"{clients.Connections} connections, slowest scrape {slowest.TotalMilliseconds:F0} ms");
        exporter.Log.Split('\n').Length.ShouldBeLessThan(30);
        exporter.Log.ShouldNotContain("   at ");
    }

    [Fact]
    public void The_first_login_gets_through_in_a_second_while_sixty_addresses_guess()
    {
        // a different name each time, because a known user needs no check
        string[] users = ["ann", "bob", "cas", "dee", "eve"];
        using var exporter = Start($"basic_auth_users:\n{string.Concat(users.Select(user => $"  {user}: {BasicAuthTests.SecretHash}\n"))}");
        using var guessers = new Guessers(_ns, SecuredExporter.Web, "ann", 60);
        Wait.Until(() => guessers.Answers > 100, () => exporter.Log, TimeSpan.FromMinutes(1));

        var times = new List<TimeSpan>();
        for (var i = 0; i < users.Length && (i == 0 || times.Min() >= TimeSpan.FromSeconds(1)); i++)
        {
            var asked = Stopwatch.GetTimestamp();
            exporter.Curl("/metrics", "--user", $"{users[i]}:secret", "--interface", $"127.0.2.{i + 1}").Status.ShouldBe(200);
            times.Add(Stopwatch.GetElapsedTime(asked));
        }

        output.WriteLine($"{guessers.Answers} guesses, logins took {string.Join(", ", times.Select(time => time.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture)))} ms");
        times.Min().ShouldBeLessThan(TimeSpan.FromSeconds(1), "a busy machine may stall some");
    }

    [Fact]
    public void SIGTERM_does_not_wait_for_password_checks()
    {
        // 2^14 rounds: one second or more each
        var slow = BasicAuthTests.SecretHash.Replace("$10$", "$14$", StringComparison.Ordinal);
        OneOfThreeEndsInTwoSeconds(() =>
        {
            using var exporter = Start($"basic_auth_users:\n  ann: {slow}\n");
            using var guessers = new Guessers(_ns, SecuredExporter.Web, "ann", 8);
            Wait.Until(
                () => Directory.GetDirectories($"/proc/{exporter.Id}/task").Any(task => File.ReadAllText($"{task}/comm") == "bcrypt\n" && File.ReadAllText($"{task}/stat").Contains(") R ", StringComparison.Ordinal)),
                () => "a password is checked");
            return TimeToEnd(exporter);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SIGTERM_in_the_middle_of_a_slow_scrape_ends_it_in_two_seconds(bool isTls)
    {
        _ns.SetSysctl("net.ipv4.tcp_wmem", "4096 16384 32768");
        _ns.SetSysctl("net.ipv4.tcp_rmem", "4096 8192 8192");
        using var crowd = new ListenerCrowd(_ns, 500);
        OneOfThreeEndsInTwoSeconds(() =>
        {
            using var exporter = Start(isTls ? Tls : "", isTls, "--listeners.max=1000");
            Wait.Until(() => exporter.Curl("/metrics", "--insecure").Body.Length > 1_000_000, () => "a page too large for the sockets");
            using var socket = _ns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, ReceiveTimeout = 60_000 });
            socket.Connect(SecuredExporter.Web);
            using var network = new NetworkStream(socket);
            using var tls = isTls ? new SslStream(network, leaveInnerStreamOpen: true, (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) : null;
            tls?.AuthenticateAsClient("localhost");
            Stream stream = tls is null ? network : tls;
            stream.Write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
            stream.ReadExactly(new byte[1000]);

            // fast enough not to be cut off, but too slow for the whole page
            var reader = Task.Run(() =>
            {
                try
                {
                    for (var buffer = new byte[1500]; stream.Read(buffer) > 0;)
                    {
                        Thread.Sleep(TimeSpan.FromMilliseconds(20));
                    }
                }
                catch (IOException)
                {
                    // cut off
                }
            });
            var time = TimeToEnd(exporter);
            reader.Wait(TimeSpan.FromMinutes(1)).ShouldBeTrue();
            return time;
        });
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("logfmt")]
    public void Requests_write_no_log_lines(string format)
    {
        using var exporter = Start("", isTls: false, "--log.level=debug", $"--log.format={format}");
        exporter.Curl("/metrics").Status.ShouldBe(200);
        foreach (var path in (string[])["/%0aforged", "/%0d%0aforged%1b[2J", "/\u001b[31mforged", "/\u000bforged", "/\u0085forged", "/forged\nX: forged", "/\u00ff\u00feforged", "//forged/..%2f"])
        {
            using var socket = _ns.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 });
            socket.Connect(SecuredExporter.Web);
            socket.Send(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: forged\r\nConnection: close\r\n\r\n"));
            var buffer = new byte[100];
            Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)).ShouldStartWith("HTTP/1.1 4", Case.Sensitive, path);
        }

        exporter.Curl("/metrics").Status.ShouldBe(200);
        TimeToEnd(exporter);
        exporter.Log.ShouldContain("Stopped.");
        exporter.Log.ShouldNotContain("forged");
        exporter.Log.Where(c => char.IsControl(c) && c != '\n').ShouldBeEmpty();
    }

    /// <summary>A busy machine may stall any process for seconds, but not every time.</summary>
    private static void OneOfThreeEndsInTwoSeconds(Func<TimeSpan> measure)
    {
        var limit = TimeSpan.FromSeconds(2);
        var time = measure();
        for (var tries = 1; time >= limit && tries < 3; tries++)
        {
            time = measure();
        }

        time.ShouldBeLessThan(limit);
    }

    private static TimeSpan TimeToEnd(SecuredExporter exporter)
    {
        var started = Stopwatch.GetTimestamp();
        exporter.Stop().ShouldBe(0, exporter.Log);
        exporter.Log.ShouldNotContain("   at ");
        return Stopwatch.GetElapsedTime(started);
    }

    private SecuredExporter Start(string config, bool? isTls = null, params string[] arguments)
    {
        _folder.Write("server", _authority.Server("server"));
        _folder.Write(SecuredExporter.ConfigName, config);
        return new SecuredExporter(_ns, _folder, isTls ?? config == Tls, arguments: arguments);
    }
}
