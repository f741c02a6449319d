using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog.Events;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Exposition;
using TcpStatExporter.Fixtures;
using TcpStatExporter.Logging;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests;

/// <summary>
/// The whole way, from the files of a captured host to the exposition, byte for byte. Left out is what depends on the
/// machine that runs the test: the daemon's own process, and its build. TCPSTAT_REWRITE=1 writes the expectation anew;
/// the diff is to be read.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string, bool> Hosts => new()
    {
        { "debian12-linux6.18-ten-states", false },
        { "debian12-linux6.18-ten-states", true },
        { "debian12-linux6.18-idle-no-ipv6", false },
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Host_gives_its_exposition(string host, bool allCounters)
    {
        var path = Fixture.Path($"hosts/{host}/{(allCounters ? "expected-all.prom" : "expected.prom")}");
        var actual = Render($"hosts/{host}/proc", allCounters);
        if (Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1")
        {
            File.WriteAllText(path, actual);
        }

        actual.ShouldBe(File.ReadAllText(path));
    }

    private static string Render(string procfs, bool allCounters)
    {
        var options = Options(Fixture.Path(procfs), allCounters);
        using var sampling = SamplingSetup.Create(options, new StoppedClock(), NullLoggerFactory.Instance);
        using var process = new ProcessStatistics();
        sampling.Sampler.Sample().ShouldBeTrue();
        sampling.Sampler.Sample().ShouldBeTrue();
        sampling.Sweeper.Sweep();

        var buffer = new ExpositionBuffer();
        new MetricsPage(sampling.Store, process, allCounters).Render(new ExpositionWriter(buffer), ExpositionFormat.PrometheusText);
        var lines = Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n').Where(line => !IsOfThisMachine(line));
        return string.Join('\n', lines);
    }

    private static bool IsOfThisMachine(string line)
    {
        var words = line.Split(' ', 4);
        var name = words[0] == "#" ? words[2] : words[0];
        return name.StartsWith("process_", StringComparison.Ordinal)
            || name.StartsWith("dotnet_", StringComparison.Ordinal)
            || name.StartsWith("tcpstat_build_info", StringComparison.Ordinal);
    }

    private static ExporterOptions Options(string procfs, bool allCounters) => new()
    {
        ListenAddresses = [],
        UseSystemdSocket = false,
        TelemetryPath = "/metrics",
        WebConfigFile = null,
        MaxRequests = 0,
        SampleInterval = TimeSpan.FromSeconds(1),
        ListenersInterval = TimeSpan.FromSeconds(1),
        ListenersMax = 256,
        ListenerFilter = new ListenerFilter([], []),
        PeakWindow = TimeSpan.FromMinutes(1),
        Source = SourceChoice.Auto,
        SweepCpuBudget = 1,
        ProcfsRoot = procfs,
        AllCounters = allCounters,
        LogLevel = LogEventLevel.Information,
        LogFormat = LogFormat.Text,
    };

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);

        public override long GetTimestamp() => 0;
    }
}
