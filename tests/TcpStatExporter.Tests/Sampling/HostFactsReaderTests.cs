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
        var source = new FakeHostSource(HostSourceId.Machine);
        source.OnRead = facts =>
        {
            facts.Machine.MemoryBytes = source.Reads;
            return ReadResult.Ok;
        };
        using var reader = new HostFactsReader(source, new FakeHostSource(HostSourceId.Softnet), HostFactsReader.DaemonPace, _time, new RecordingLogger<HostFactsReader>());
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
            new FakeHostSource(HostSourceId.Machine) { OnRead = _ => ReadResult.Failed(SourceError.Io) }, new FakeHostSource(HostSourceId.Softnet), TimeSpan.Zero, _time, new RecordingLogger<HostFactsReader>());
        var facts = reader.Read();
        facts.Status(HostSourceId.Machine).ShouldBe(ReadResult.Failed(SourceError.Io));
        facts[HostSourceId.Machine][SourceError.Io].ShouldBe(1UL);
        facts.Status(HostSourceId.Softnet).ShouldBe(ReadResult.Ok, "the other was read");
        facts[HostSourceId.Softnet][SourceError.Io].ShouldBe(0UL);
    }
}
