using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Metrics;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests;

/// <summary>
/// The whole path from the files of a captured host, or from recorded replies of a kernel, to the output of GET /metrics,
/// byte for byte. Excludes what depends on the machine that runs the test: the daemon's own process and its build.
/// TCPSTAT_REWRITE=1 rewrites the expected files. Read the diff.
/// </summary>
public sealed class GoldenTests
{
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0";

    [Theory]
    [InlineData(Fixture.TenStates, "expected.prom")]
    [InlineData(Fixture.TenStates, "expected-all.prom")]
    [InlineData(Fixture.Idle, "expected.prom")]
    [InlineData(Fixture.Gvisor, "expected.prom")]
    [InlineData(Fixture.Udp, "expected.prom")]
    public async Task Host_gives_its_exposition(string host, string expected)
    {
        string[] arguments = expected.Contains("-all", StringComparison.Ordinal) ? ["--counters=all"] : [];
        Check($"{host}/{expected}", await Get("", [$"--path.procfs={Fixture.Path(host)}/proc", .. arguments]));
    }

    /// <summary>The counters are those of another, idle host. The sockets are counted one by one.</summary>
    [Theory]
    [InlineData("", "sockdiag/expected.prom")]
    [InlineData(OpenMetrics, "sockdiag/expected.om")]
    public async Task Netlink_gives_limit_fill_and_drops(string accept, string expected) => Check(expected, await GetByNetlink(accept));

    private static void Check(string expected, string page)
    {
        var actual = string.Join('\n', page.Split('\n').Where(line => !IsOfThisMachine(line)));
        var path = Fixture.Path(expected);
        if (Repository.IsRewriting)
        {
            File.WriteAllText(path, actual);
        }

        actual.ShouldBe(File.ReadAllText(path));
    }

    private static Task<string> GetByNetlink(string accept) =>
        Get(accept, ["--source=netlink", $"--path.procfs={Fixture.Path(Fixture.Idle)}/proc"], RecordedKernel.Open);

    private static async Task<string> Get(string accept, string[] arguments, NetlinkOpener? open = null)
    {
        var options = await Arguments.Options(["--web.listen-address=127.0.0.1:0", .. arguments]);
        using var sampling = SamplingSetup.Create(options, new StoppedClock(), NullLoggerFactory.Instance, open);
        using var process = new ProcessStatistics();
        sampling.Sampler.Sample().ShouldBeTrue();
        sampling.Sampler.Sample().ShouldBeTrue();
        sampling.Sweeper.Sweep();

        var handler = new MetricsHandler(new MetricsPage(sampling.Store, sampling.Advice, process, options.AllCounters, static () => 0), options.Web.MaxRequests);
        using var server = new WebServer(options.Web, handler.HandleAsync, NullLoggerFactory.Instance);
        await server.StartAsync(CancellationToken.None);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Urls.Single()));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync();
    }

    private static bool IsOfThisMachine(string line)
    {
        var name = line.Split(' ', 4) is ["#", _, var family, ..] ? family : line;
        return name.StartsWith("process_", StringComparison.Ordinal)
            || name.StartsWith("dotnet_", StringComparison.Ordinal)
            || name.StartsWith("tcpstat_build", StringComparison.Ordinal);
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);

        public override long GetTimestamp() => 0;
    }
}
