using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Advisor;

public sealed class ExaminerTests : IDisposable
{
    private readonly SampleStore _store = new();
    private readonly ManualTime _time = new();
    private readonly AdviceStore _advice = new();
    private readonly Examiner _examiner;

    public ExaminerTests() => _examiner = new Examiner(RuleBook.All, _store, _advice, _time, NullLogger<Examiner>.Instance);

    [Fact]
    public void Judges_from_one_call_to_the_next_and_publishes()
    {
        var scene = new Scene().Count("TCPAbortOnMemory", 50);
        Publish(scene.Earlier, seconds: 0);
        _examiner.Begin();
        Publish(scene.Now, seconds: 60);

        var first = _examiner.Examine();
        _examiner.Begin();
        Publish(scene.Now, seconds: 90);
        var second = _examiner.Examine();

        first.Window.ShouldBe(TimeSpan.FromSeconds(60));
        Holds(first, "aborts-for-memory").ShouldBeTrue();
        first.Counters.Single(counter => counter.Name == "TcpExtTCPAbortOnMemory").ShouldBe(new CountedLoss("TcpExtTCPAbortOnMemory", 1050, 50));
        second.Window.ShouldBe(TimeSpan.FromSeconds(30));
        Holds(second, "aborts-for-memory").ShouldBeFalse();

        _advice.Latest.ShouldBeSameAs(second);
    }

    [Fact]
    public void Counts_losses_of_other_queues_too()
    {
        var scene = new Scene();
        scene.Earlier.Kernel.UdpCounters.SetNames(["InErrors", "RcvbufErrors"]);
        scene.Now.Kernel.UdpCounters.SetNames(["InErrors", "RcvbufErrors"]);
        (scene.Earlier.Kernel.UdpCounters.Values[1], scene.Now.Kernel.UdpCounters.Values[1]) = (10, 14);
        scene.Now.Kernel.UdpCounters.Values[0] = 14;
        scene.Conntrack(1000, dropped: 3);
        scene.Earlier.Host.Status(HostSourceId.Softnet) = scene.Now.Host.Status(HostSourceId.Softnet) = ReadResult.Ok;
        scene.Now.Host.Machine.Softnet.Squeezed = 7;
        Publish(scene.Earlier, seconds: 0);
        _examiner.Begin();
        Publish(scene.Now, seconds: 60);
        _examiner.Examine().Counters.ShouldBe(
            [new CountedLoss("UdpRcvbufErrors", 14, 4), new CountedLoss("nf_conntrack drop", 3, 3), new CountedLoss("softnet_stat time_squeeze", 7, 7)]);
    }

    [Fact]
    public void Judges_each_tick_by_what_happens_now()
    {
        var scene = new Scene();
        Publish(scene.Now, seconds: 0);
        _examiner.Follow().ShouldBeNull("there is nothing to compare it with");
        for (var second = 1; second < 120; second++)
        {
            if (second == 30)
            {
                scene.Count("TCPAbortOnMemory", 50);
            }

            Publish(scene.Now, second);
            var advice = _examiner.Follow()!;
            advice.Window.ShouldBe(TimeSpan.FromSeconds(Math.Min(second, 10)));
            Holds(advice, "aborts-for-memory").ShouldBe(second is >= 30 and < 40, $"{second}");
            _examiner.Follow()!.Verdict.ShouldBe(advice.Verdict, "the same tick again");
        }
    }

    /// <summary>
    /// It runs every second as long as the host runs, so it must allocate little and its cost must be negligible.
    /// </summary>
    [Fact]
    public void A_judgement_of_fifty_healthy_listeners_allocates_little()
    {
        var scene = new Scene();
        for (ushort port = 1; port <= 50; port++)
        {
            scene.Listener(port, $"unit{port}.service", length: 2);
        }

        for (var second = 0; second < 400; second++)
        {
            Publish(scene.Now, second);
            _examiner.Follow();
        }

        Publish(scene.Now, 400);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _examiner.Follow();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(32 * 1024);
    }

    [Fact]
    public void Is_partial_if_a_source_failed_or_limits_are_unknown()
    {
        Examine(new Scene()).IsPartial.ShouldBeFalse();
        Examine(new Scene().Fail(SourceId.Netstat)).IsPartial.ShouldBeTrue();
        Examine(new Scene().Listener(hasLimit: false)).IsPartial.ShouldBeTrue();
        Examine(new Scene().Listener()).IsPartial.ShouldBeFalse();
    }

    [Fact]
    public void Findings_are_exported_with_one_series_per_rule_that_could_be_checked()
    {
        Page().ShouldNotContain("tcpstat_finding");

        Examine(new Scene().Set(Sysctl.TcpSyncookies, 0).Lack(Sysctl.TcpMem));

        var lines = Page().Split('\n').Where(line => line.StartsWith("tcpstat_finding{", StringComparison.Ordinal)).ToArray();
        Page().ShouldContain("tcpstat_finding{id=\"syncookies-off\",severity=\"warning\"} 1\n");
        Page().ShouldContain("tcpstat_finding{id=\"listener-dropping\",severity=\"critical\"} 0\n");
        lines.ShouldNotContain(line => line.Contains("tcp-mem-too-large", StringComparison.Ordinal));
        lines.Length.ShouldBe(RuleBook.All.Count - 4, "all but the rules of tcp_mem");
    }

    public void Dispose() => _examiner.Dispose();

    private static bool Holds(Advice advice, string id) => advice.Judged.Single(judged => judged.Rule.Id == id).RuleResult.Finding is not null;

    private Advice Examine(Scene scene)
    {
        Publish(scene.Earlier, seconds: 0);
        _store.Publish(scene.Earlier.Sweep, default);
        _examiner.Begin();
        Publish(scene.Now, seconds: 60);
        _store.Publish(scene.Now.Sweep, default);
        return _examiner.Examine();
    }

    private void Publish(NamespaceSample sample, int seconds)
    {
        var at = TimeSpan.FromHours(1) + TimeSpan.FromSeconds(seconds);
        _time.At = at;
        sample.SampledAt = sample.ListenersAt = at;
        sample.Samples++;
        _store.Publish(sample, 1);
    }

    private string Page()
    {
        using var process = new ProcessStatistics();
        return RenderedPage.Of(new MetricsPage(_store, _advice, process, allCounters: false)).Text;
    }

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan At { get; set; } = TimeSpan.FromHours(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => At.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + At;
    }
}
