using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class ConntrackSourceTests : IDisposable
{
    private const string Count = "sys/net/netfilter/nf_conntrack_count";
    private const string Statistics = "net/stat/nf_conntrack";

    private readonly string _root = Directory.CreateTempSubdirectory("conntrack").FullName;
    private readonly TcpSnapshot _snapshot = new();
    private readonly ConntrackSource _source;

    public ConntrackSourceTests() => _source = new ConntrackSource(NetNamespace.OfProcfs(_root), new ProcFileBuffer());

    public void Dispose()
    {
        _source.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Reads_entries_and_counters()
    {
        Copy(Count);
        Copy(Statistics);

        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Conntrack.ShouldBe(new ConntrackCounts
        {
            Entries = 262_144,
            HasEntries = true,
            HasStatistics = true,
            Statistics = new ConntrackStatistics { EarlyDropped = 8192 },
        });
    }

    /// <summary>In an empty table nothing is dropped: what was counted before stands, and is read once more after the last entry went.</summary>
    [Fact]
    public void Counters_are_not_read_while_the_table_stays_empty()
    {
        Write(Count, "1\n");
        Write(Statistics, "drop early_drop insert_failed\n1 2 3\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        Write(Count, "0\n");
        Write(Statistics, "drop early_drop insert_failed\n4 5 6\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        File.Delete(Path.Combine(_root, Statistics));
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Conntrack.Statistics.ShouldBe(new ConntrackStatistics { Dropped = 4, EarlyDropped = 5, InsertFailed = 6 });
        _snapshot.Conntrack.HasStatistics.ShouldBeTrue();

        Write(Count, "1\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok);
        _snapshot.Conntrack.HasStatistics.ShouldBeFalse();
    }

    [Fact]
    public void Entries_without_counters_are_enough()
    {
        Copy(Count);
        _source.Read(_snapshot).ShouldBe(ReadResult.Ok, "a kernel without CONFIG_NF_CONNTRACK_PROCFS");
        (_snapshot.Conntrack.HasEntries, _snapshot.Conntrack.HasStatistics).ShouldBe((true, false));

        Write(Statistics, "garbage\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.OkDespite(SourceError.Malformed));
        (_snapshot.Conntrack.HasEntries, _snapshot.Conntrack.HasStatistics).ShouldBe((true, false));

        Copy(Statistics);
        Write(Count, "x\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.OkDespite(SourceError.Malformed));
        (_snapshot.Conntrack.HasEntries, _snapshot.Conntrack.HasStatistics).ShouldBe((false, true));

        Write(Statistics, "garbage\n");
        _source.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed));
        File.Delete(Path.Combine(_root, Count));
        _source.Read(_snapshot).ShouldBe(ReadResult.Failed(SourceError.Malformed));
    }

    /// <summary>No error, no series, and neither up nor down.</summary>
    [Fact]
    public void Without_the_module_it_is_absent()
    {
        _source.Read(_snapshot).ShouldBe(ReadResult.Absent);

        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == SourceId.Conntrack).OnRead = _source.Read;
        var log = new RecordingLogger<TcpStatExporter.Sampling.Sampler>();
        var (sampler, store) = FakeHost.Sampler(sources, new ManualTimeProvider(), log: log);
        using (sampler)
        {
            sampler.Sample().ShouldBeTrue();
            sampler.Sample().ShouldBeTrue();
        }

        var page = RenderedPage.Of(store, ExpositionFormat.PrometheusText);
        page.Has("tcpstat_conntrack_entries").ShouldBeFalse();
        page.Has("tcpstat_conntrack_drops_total").ShouldBeFalse();
        page.Labels("tcpstat_source_up").ShouldNotContain("source=conntrack", StringComparer.Ordinal);
        page.Value("tcpstat_source_errors_total", "source=conntrack,reason=io").ShouldBe(0);
        log.Entries.ShouldBeEmpty();
    }

    private void Copy(string file) => Write(file, File.ReadAllText(Fixture.Path($"{Fixture.FullConntrack}/proc/{file}")));

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
