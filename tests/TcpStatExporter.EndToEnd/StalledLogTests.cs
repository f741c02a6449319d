using System.Diagnostics;
using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>The reader of the log has stalled: standard error is a full pipe.</summary>
public sealed class StalledLogTests
{
    [Fact]
    public void Sampling_continues()
    {
        using var ns = NetNamespace.Create();
        using var tree = new ProcTree(ns);
        using var pipe = new StalledPipe();
        using var exporter = ExporterProcess.Start(ns, launcher: pipe.Launcher, arguments: [$"--path.procfs={tree.Root}"]);
        pipe.Fill();

        // makes the sampler log it
        tree.Harm("snmp", ProcTree.Damage.Gone);
        Wait.Until(() => exporter.Scrape().Value("tcpstat_source_up", ("source", "snmp")) == 0, () => "a sample without snmp");
        var later = exporter.ScrapeFresh();

        later.Value("tcpstat_source_up", ("source", "sockstat")).ShouldBe(1);
        later.Value("tcpstat_log_lines_dropped_total").ShouldBe(0, "a few lines wait");
    }

    [Fact]
    public void SIGTERM_ends_it_within_two_seconds()
    {
        using var ns = NetNamespace.Create();
        using var tree = new ProcTree(ns);

        // a busy machine may stall it
        TimeSpan time;
        var tries = 1;
        do
        {
            using var pipe = new StalledPipe();
            using var exporter = ExporterProcess.Start(ns, launcher: pipe.Launcher, arguments: [$"--path.procfs={tree.Root}"]);
            pipe.Fill();
            tree.Harm("snmp", ProcTree.Damage.Gone);
            Wait.Until(() => exporter.Scrape().Value("tcpstat_source_up", ("source", "snmp")) == 0, () => "a source that fails, which is logged");
            var started = Stopwatch.GetTimestamp();
            exporter.Stop().ShouldBe(0);
            time = Stopwatch.GetElapsedTime(started);
            tree.Restore("snmp");
        }
        while (time >= TimeSpan.FromSeconds(2) && tries++ < 3);

        time.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    /// <summary>A named pipe that nobody reads. A process with this pipe as standard error holds both of its ends.</summary>
    private sealed class StalledPipe : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("tcpstat-pipe-").FullName;

        public StalledPipe() => ChildProcess.Run("mkfifo", [Name]).Checked();

        public IEnumerable<string> Launcher => ["sh", "-c", "exec \"$@\" 2<>\"$0\"", Name];

        private string Name => Path.Combine(_folder, "stderr");

        /// <summary>Fills the pipe completely.</summary>
        public void Fill()
        {
            var filled = ChildProcess.Run("dd", ["if=/dev/zero", $"of={Name}", "oflag=nonblock", "bs=4096"]);
            filled.Error.ShouldContain("temporarily unavailable");
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
