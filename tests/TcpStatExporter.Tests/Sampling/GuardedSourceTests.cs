using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class GuardedSourceTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<Sampler> _log = new();
    private readonly TcpSnapshot _snapshot = new();
    private readonly FakeSource _source = new(SourceId.Netstat) { Method = SourceMethod.Netlink };
    private readonly GuardedSource _guarded;

    public GuardedSourceTests() => _guarded = new GuardedSource(_source, _time, _log);

    public void Dispose() => _guarded.Dispose();

    [Fact]
    public void Returns_the_result_of_the_source()
    {
        _guarded.Read(_snapshot).ShouldBeTrue();
        _snapshot[SourceId.Netstat].ShouldBe(ReadResult.Ok);
        _guarded.Statistics.Method.ShouldBe(SourceMethod.Netlink);
        _guarded.Statistics.Exists.ShouldBeTrue();
        _log.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Counts_failures_by_reason()
    {
        foreach (var error in (SourceError[])[SourceError.Io, SourceError.Truncated, SourceError.Io])
        {
            _source.OnRead = _ => ReadResult.Failed(error);
            _guarded.Read(_snapshot).ShouldBeFalse();
            _snapshot[SourceId.Netstat].ShouldBe(ReadResult.Failed(error));
            _source.OnRead = _ => ReadResult.Ok;
            _guarded.Read(_snapshot);
            _time.Advance(Second);
        }

        _guarded.Statistics[SourceError.Io].ShouldBe(2UL);
        _guarded.Statistics[SourceError.Truncated].ShouldBe(1UL);
        _guarded.Statistics[SourceError.Internal].ShouldBe(0UL);
        _guarded.Statistics.Durations.Counts(SourceStatistics.DurationBounds)[0].ShouldBe(6UL);
    }

    [Fact]
    public void Measures_each_read()
    {
        _source.OnRead = _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(2));
            return ReadResult.Ok;
        };
        _guarded.Read(_snapshot);
        _guarded.Statistics.Durations.Sum.ShouldBe(0.002, 1e-9);
        _guarded.Statistics.Durations.Counts(SourceStatistics.DurationBounds)[5].ShouldBe(1UL, "0.001 < 0.002 <= 0.0025");
    }

    [Fact]
    public void A_source_that_throws_fails_with_an_internal_error()
    {
        _source.OnRead = _ => throw new InvalidOperationException("oops");
        _guarded.Read(_snapshot).ShouldBeFalse();
        _snapshot[SourceId.Netstat].ShouldBe(ReadResult.Failed(SourceError.Internal));
        _guarded.Statistics[SourceError.Internal].ShouldBe(1UL);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logs_once_when_it_fails_and_once_when_it_is_back(bool throws)
    {
        Read(5);
        _source.OnRead = _ => throws ? throw new InvalidOperationException("oops") : ReadResult.Failed(SourceError.PermissionDenied);
        Read(300);
        var failed = _log.Entries.ShouldHaveSingleItem();
        failed.Level.ShouldBe(throws ? LogLevel.Error : LogLevel.Warning);
        failed.Message.ShouldContain(throws ? "bug" : "permission_denied");
        (failed.Exception is not null).ShouldBe(throws);

        _source.OnRead = _ => ReadResult.Ok;
        Read(300);
        _log.Entries.Count.ShouldBe(2);
        _log.Entries[1].Level.ShouldBe(LogLevel.Information);
        _log.Entries[1].Message.ShouldContain("can be read again");

        _source.OnRead = _ => ReadResult.Failed(SourceError.Io);
        Read(1);
        _log.Entries.Count.ShouldBe(3, "a new failure is news again");
    }

    [Fact]
    public void Logs_a_bug_that_follows_an_ordinary_failure()
    {
        _source.OnRead = _ => ReadResult.Failed(SourceError.Io);
        Read(1);
        _source.OnRead = _ => throw new InvalidOperationException("oops");
        Read(100);
        _log.Entries.Select(entry => entry.Level).ShouldBe([LogLevel.Warning, LogLevel.Error]);
    }

    [Fact]
    public void After_three_failures_in_a_row_it_is_probed_less_and_less_often()
    {
        Read(60);
        _source.OnRead = _ => ReadResult.Failed(SourceError.Io);
        var asked = new List<int>();
        for (var second = 0; second < 400; second++)
        {
            var before = _source.Reads;
            _guarded.Read(_snapshot).ShouldBeFalse();
            _snapshot[SourceId.Netstat].ShouldBe(ReadResult.Failed(SourceError.Io), "the last reason stays");
            if (_source.Reads > before)
            {
                asked.Add(second);
            }

            _time.Advance(Second);
        }

        var gaps = asked.Zip(asked.Skip(1), (earlier, later) => later - earlier).ToList();
        gaps.ShouldBe([1, 1, 5, 10, 20, 40, .. Enumerable.Repeat(60, 5)]);
        _guarded.Statistics[SourceError.Io].ShouldBe((ulong)asked.Count, "only what was asked can fail");
    }

    [Fact]
    public void A_probe_that_succeeds_brings_it_back_at_once()
    {
        _source.OnRead = _ => ReadResult.Failed(SourceError.Io);
        Read(4);
        var reads = _source.Reads;
        _source.OnRead = _ => ReadResult.Ok;
        _guarded.Read(_snapshot).ShouldBeFalse("the breaker is open");
        _source.Reads.ShouldBe(reads);
        _time.Advance(TimeSpan.FromSeconds(5));
        _guarded.Read(_snapshot).ShouldBeTrue();
        _guarded.Read(_snapshot).ShouldBeTrue();
        _source.Reads.ShouldBe(reads + 2);
    }

    [Fact]
    public void A_single_failure_does_not_open_the_breaker()
    {
        for (var i = 0; i < 50; i++)
        {
            _source.OnRead = _ => i % 2 == 0 ? ReadResult.Failed(SourceError.Interrupted) : ReadResult.Ok;
            Read(1);
        }

        _source.Reads.ShouldBe(50);
    }

    [Fact]
    public void Allocates_nothing_on_the_good_path()
    {
        Read(30);
        Allocated.By(() => Read(1000)).ShouldBe(0);
    }

    [Fact]
    public void Disposes_its_source()
    {
        _guarded.Dispose();
        _source.IsDisposed.ShouldBeTrue();
    }

    private void Read(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _guarded.Read(_snapshot);
            _time.Advance(Second);
        }
    }
}
