using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

public sealed class ExaminerTests : IDisposable
{
    private readonly SampleStore _store = new();
    private readonly ManualTime _time = new();
    private readonly Machine _machine = new();
    private readonly Examiner _examiner;

    public ExaminerTests() => _examiner = new Examiner(_machine, _store, _time, NullLogger<Examiner>.Instance);

    [Fact]
    public void Judges_from_one_call_to_the_next_and_publishes()
    {
        var scene = new Scene().Count("TCPAbortOnMemory", 50);
        _store.Publish(scene.Earlier, 1);
        _examiner.Begin();
        _time.Advance(TimeSpan.FromSeconds(60));
        _store.Publish(scene.Now, 1);

        var first = _examiner.Examine();
        _time.Advance(TimeSpan.FromSeconds(30));
        var second = _examiner.Examine();

        first.Window.ShouldBe(TimeSpan.FromSeconds(60));
        Holds(first, "aborts-for-memory").ShouldBeTrue();
        first.Counters.Single(counter => counter.Name == "TcpExtTCPAbortOnMemory").ShouldBe(new CountedLoss("TcpExtTCPAbortOnMemory", 1050, 50));
        second.Window.ShouldBe(TimeSpan.FromSeconds(30));
        Holds(second, "aborts-for-memory").ShouldBeFalse();

        var published = new HostSample();
        _store.CopyTo(published);
        published.Advice.ShouldBeSameAs(second);
        published.Status(SourceId.Advisor).ShouldBe(ReadResult.Ok);
    }

    [Fact]
    public void Reads_the_machine_itself_at_each_call()
    {
        var scene = new Scene();
        _store.Publish(scene.Earlier, 1);
        _examiner.Begin();
        _machine.Facts.Softnet.Dropped = 100;
        _time.Advance(TimeSpan.FromSeconds(60));

        Holds(_examiner.Examine(), "softnet-drops").ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(60));
        Holds(_examiner.Examine(), "softnet-drops").ShouldBeFalse();
    }

    [Fact]
    public void Is_partial_where_a_source_failed_or_no_limits_are_told()
    {
        Examine(new Scene()).IsPartial.ShouldBeFalse();
        Examine(new Scene().Fail(SourceId.Netstat)).IsPartial.ShouldBeTrue();
        Examine(new Scene().Listener(hasLimit: false)).IsPartial.ShouldBeTrue();
        Examine(new Scene().Listener()).IsPartial.ShouldBeFalse();
    }

    [Fact]
    public void Findings_are_exported_with_one_series_a_rule_that_could_tell()
    {
        Page().ShouldNotContain("tcpstat_finding");

        Examine(new Scene().Set(Sysctl.TcpSyncookies, 0).Lack(Sysctl.TcpMem));

        var lines = Page().Split('\n').Where(line => line.StartsWith("tcpstat_finding{", StringComparison.Ordinal)).ToArray();
        Page().ShouldContain("tcpstat_finding{id=\"syncookies-off\",severity=\"warning\"} 1\n");
        Page().ShouldContain("tcpstat_finding{id=\"listener-dropping\",severity=\"critical\"} 0\n");
        lines.ShouldNotContain(line => line.Contains("tcp-mem-too-large", StringComparison.Ordinal));
        lines.Length.ShouldBe(RuleBook.All.Count - 4, "all but the rules of tcp_mem");
        Page().ShouldContain("tcpstat_source_up{source=\"advisor\"} 1\n");
    }

    public void Dispose() => _examiner.Dispose();

    private static bool Holds(Advice advice, string id) => advice.Judged.Single(judged => judged.Rule.Id == id).Judgement.Finding is not null;

    private Advice Examine(Scene scene)
    {
        _store.Publish(scene.Earlier, 1);
        _store.Publish(scene.Earlier.Sweep, default);
        _examiner.Begin();
        _time.Advance(TimeSpan.FromSeconds(60));
        _store.Publish(scene.Now, 1);
        _store.Publish(scene.Now.Sweep, default);
        return _examiner.Examine();
    }

    private string Page()
    {
        var buffer = new ExpositionBuffer();
        using var process = new ProcessStatistics();
        new MetricsPage(_store, process, allCounters: false).Render(new ExpositionWriter(buffer), ExpositionFormat.PrometheusText);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenMemory.Span);
    }

    private sealed class Machine : ISource
    {
        public MachineFacts Facts = new() { MemoryBytes = 8L << 30, HasSoftnet = true };

        public SourceId Id => SourceId.Advisor;

        public SourceMethod Method => SourceMethod.Procfs;

        public ReadResult Read(TcpSnapshot snapshot)
        {
            snapshot.Machine = Facts;
            return ReadResult.Ok;
        }

        public void Dispose()
        {
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerHour;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
