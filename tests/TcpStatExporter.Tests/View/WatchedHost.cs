using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Advisor;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.View;

namespace TcpStatExporter.Tests.View;

/// <summary>A host whose samples a test writes, a second apart, and the view of them.</summary>
internal sealed class WatchedHost
{
    public const long StartUnixMilliseconds = 1_795_380_000_000;

    private readonly SampleStore _store;

    public WatchedHost()
    {
        _store = new SampleStore(Time, TimeSpan.FromSeconds(3));
        for (var id = SourceId.Sockets; id <= SourceId.Sysctl; id++)
        {
            Sample.Kernel[id] = ReadResult.Ok;
            Sample[id].Exists = true;
        }

        Sample.PeakWindow = TimeSpan.FromMinutes(1);
        Sample.StartUnixMilliseconds = StartUnixMilliseconds;
        Sample.SampledAt = TimeSpan.FromHours(1);
        Sample.Kernel.Snmp.SetNames(["CurrEstab", "PassiveOpens", "RetransSegs"]);
        Sample.Kernel.Netstat.SetNames(["SyncookiesSent", "ListenOverflows", "ListenDrops", "TCPTimeouts"]);
        Reader = new ViewReader(_store, "db-7");
    }

    /// <summary>By which a sample grows old.</summary>
    public ManualTimeProvider Time { get; } = new();

    /// <summary>What the next tick publishes.</summary>
    public HostSample Sample { get; } = new();

    public ViewReader Reader { get; }

    public HostView View => Reader.Read();

    /// <summary>A tick, after what a test changes.</summary>
    public WatchedHost Tick(Action<HostSample>? change = null, double seconds = 1)
    {
        var after = TimeSpan.FromSeconds(seconds);
        Sample.Samples++;
        Sample.SampledAt += after;
        Sample.ListenersAt = Sample.SampledAt;
        Sample.LastSampleUnixMilliseconds = Sample.StartUnixMilliseconds + (long)(Sample.SampledAt - TimeSpan.FromHours(1)).TotalMilliseconds;
        change?.Invoke(Sample);
        _store.Publish(Sample, Time.GetTimestamp());
        return this;
    }

    /// <summary>A look at the listeners alone.</summary>
    public WatchedHost Look(Action<HostSample> change, double seconds)
    {
        Sample.ListenersAt += TimeSpan.FromSeconds(seconds);
        change(Sample);
        _store.Publish(Sample, null);
        return this;
    }

    public WatchedHost Swept(Action<SweepSample> change)
    {
        var sweep = new SweepSample { Status = ReadResult.Ok, UnixMilliseconds = Sample.LastSampleUnixMilliseconds };
        change(sweep);
        _store.Publish(sweep, default);
        return this;
    }

    /// <summary>What the rules say of a scene.</summary>
    public WatchedHost Judged(Scene scene)
    {
        _store.Publish(scene.Advise(), default);
        return this;
    }

    /// <summary>A listener more, with nothing in its queue.</summary>
    public int Listen(string address, ushort port, string unit = "", long limit = 128) =>
        Listen(new ListenerIdentity(Listeners.Ip(address), port, unit), limit);

    /// <inheritdoc cref="Listen(string, ushort, string, long)"/>
    public int Listen(ListenerIdentity identity, long limit = 128)
    {
        Sample.Listeners.Add(new ListenerSample
        {
            Identity = identity,
            Sockets = 1,
            QueueLimit = limit,
            HasLimit = true,
            HasDrops = true,
        });
        return Sample.Listeners.Count - 1;
    }

    /// <summary>So many connections wait, and packets are dropped.</summary>
    public static void Queue(HostSample sample, int listener, long length, uint drops = 0)
    {
        ref var row = ref sample.Listeners[listener];
        row.QueueLength = length;
        row.QueuePeak = Math.Max(row.QueuePeak, length);
        row.FillRatio = (double)length / row.QueueLimit;
        row.FillRatioPeak = Math.Max(row.FillRatioPeak, row.FillRatio);
        row.Drops += drops;
        if (drops > 0)
        {
            row.LastLoss = sample.ListenersAt;
            Add(sample.Kernel.Netstat, "ListenDrops", drops);
        }
    }

    public static void Add(CounterTable table, string name, ulong count) => table.Values[table.IndexOf(name)] += count;
}
