using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class HostFactsReaderTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Reads_at_its_own_interval_and_returns_the_last_values()
    {
        var source = new FakeSource(SourceId.Advisor);
        source.OnRead = snapshot =>
        {
            snapshot.Machine.MemoryBytes = source.Reads;
            return ReadResult.Ok;
        };
        using var reader = new HostFactsReader(source, new FakeSource(SourceId.Softnet), HostFactsReader.DaemonPace, _time, new RecordingLogger<HostFactsReader>());
        for (var second = 0; second < 100; second++)
        {
            reader.Read().Machine.MemoryBytes.ShouldBe(source.Reads);
            source.Reads.ShouldBe(1 + (second / 10));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void A_failed_source_is_reported()
    {
        using var reader = new HostFactsReader(
            new FakeSource(SourceId.Advisor) { OnRead = _ => ReadResult.Failed(SourceError.Io) }, new FakeSource(SourceId.Softnet), TimeSpan.Zero, _time, new RecordingLogger<HostFactsReader>());
        reader.Read().Status.ShouldBe(ReadResult.Failed(SourceError.Io));
        reader.Statistics[SourceError.Io].ShouldBe(1UL);
        reader.Read().SoftnetStatus.ShouldBe(ReadResult.Ok, "the other was read");
        reader.SoftnetStatistics[SourceError.Io].ShouldBe(0UL);
    }
}
