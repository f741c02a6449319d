using System.Globalization;
using BenchmarkDotNet.Attributes;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Benchmarks;

/// <summary>Rendering a whole page with 1,000 listeners: copying the sample, writing it.</summary>
[MemoryDiagnoser]
public class RenderBenchmark : IDisposable
{
    private const int Listeners = 1000;

    private readonly SampleStore _store = new();
    private readonly ExpositionBuffer _buffer = new();
    private ExpositionWriter _writer = null!;
    private ProcessStatistics _process = null!;
    private MetricsPage _page = null!;

    /// <summary>Bytes of a page, by what the benchmark's parameters are called.</summary>
    internal static Dictionary<string, int> BytesOfPage { get; } = new(StringComparer.Ordinal);

    /// <summary>Format of the page.</summary>
    [Params(ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics)]
    public ExpositionFormat Format { get; set; }

    /// <summary>Publishes a sample.</summary>
    [GlobalSetup]
    public void Publish()
    {
        var host = new HostSample { PeakWindow = TimeSpan.FromMinutes(1), Samples = 1000 };
        for (var i = 0; i < Listeners; i++)
        {
            var listener = new ListenerSample
            {
                Identity = new ListenerIdentity(IpAddress.FromIPv4((uint)(0x0a00_0000 + i)), (ushort)(1024 + i), $"service-{i.ToString(CultureInfo.InvariantCulture)}.service"),
                Sockets = 1,
                QueueLength = i % 128,
                QueueLimit = 128,
                QueuePeak = 128,
                FillRatio = i / 128.0,
                FillRatioPeak = 1.0078125,
                Drops = (ulong)(i * 1000),
                SynQueueLength = i % 7,
                SynQueuePeak = 7,
                CreatedUnixMilliseconds = 1_700_000_000_123,
                HasLimit = true,
                HasDrops = true,
            };
            for (var n = 0; n < 100; n++)
            {
                listener.FillRatios.Observe(ListenerSample.FillRatioBounds, n / 90.0);
            }

            host.Listeners.Add(listener);
        }

        host.Kernel[SourceId.Listeners] = ReadResult.Ok;
        host.Kernel[SourceId.Sockets] = ReadResult.Ok;
        _store.Publish(host, goodTimestamp: 0);
        _writer = new ExpositionWriter(_buffer);
        _process = new ProcessStatistics();
        _page = new MetricsPage(_store, new AdviceStore(), _process, allCounters: false);
        _page.Render(_writer, Format);
        BytesOfPage[$"[{nameof(Format)}={Format}]"] = _buffer.Length;
    }

    /// <summary>Ends what <see cref="Publish"/> opened.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One page.</summary>
    /// <returns>Its bytes.</returns>
    [Benchmark]
    public int Render()
    {
        _page.Render(_writer, Format);
        return _buffer.Length;
    }
}
