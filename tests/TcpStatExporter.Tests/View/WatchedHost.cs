using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Advisor;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.View;

namespace TcpStatExporter.Tests.View;

/// <summary>A host whose samples a test writes, one second apart, and its view.</summary>
internal sealed class WatchedHost
{
    public const long StartUnixMilliseconds = 1_795_380_000_000;

    private readonly SampleStore _store;
    private readonly AdviceStore _advice = new();

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
        Sample.Kernel.Snmp.SetNames(["CurrEstab", "PassiveOpens", "RetransSegs", "ActiveOpens", "OutRsts", "EstabResets", "OutSegs"]);
        Sample.Kernel.Netstat.SetNames(["SyncookiesSent", "ListenOverflows", "ListenDrops", "TCPTimeouts", "TCPAbortOnData"]);
        Reader = new ViewReader(_store, _advice, "db-7");
        Examiner = new Examiner(RuleBook.All, _store, _advice, new ManualTimeProvider(), new RecordingLogger<Examiner>());
    }

    /// <summary>The clock by which a sample ages.</summary>
    public ManualTimeProvider Time { get; } = new();

    /// <summary>What the next tick publishes.</summary>
    public NamespaceSample Sample { get; } = new();

    public SampleStore Store => _store;

    public AdviceStore AdviceStore => _advice;

    private Examiner Examiner { get; }

    public ViewReader Reader { get; }

    public HostView View => Reader.Read();

    /// <summary>The advice on the last tick.</summary>
    public Advice? Advice { get; private set; }

    /// <summary>Runs a tick after the test's change.</summary>
    public WatchedHost Tick(Action<NamespaceSample>? change = null, double seconds = 1)
    {
        var after = TimeSpan.FromSeconds(seconds);
        Sample.Samples++;
        Sample.SampledAt += after;
        Sample.ListenersAt = Sample.SampledAt;
        Sample.LastSampleUnixMilliseconds = Sample.StartUnixMilliseconds + (long)(Sample.SampledAt - TimeSpan.FromHours(1)).TotalMilliseconds;
        change?.Invoke(Sample);
        _store.Publish(Sample, Time.GetTimestamp());
        Advice = Examiner.Follow();
        return this;
    }

    /// <summary>Reads only the listeners.</summary>
    public WatchedHost Look(Action<NamespaceSample> change, double seconds)
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

    /// <summary>Closes a listener.</summary>
    public void Close(int listener, TimeSpan listened)
    {
        Sample.Closed.Add(new ClosedListener
        {
            Last = Sample.Listeners[listener],
            LastSeen = Sample.ListenersAt,
            ClosedUnixMilliseconds = Sample.LastSampleUnixMilliseconds,
            Listened = listened,
        });
        var rest = Sample.Listeners.Span.ToArray().Where((_, i) => i != listener).ToArray();
        Sample.Listeners.Clear();
        foreach (var row in rest)
        {
            Sample.Listeners.Add(row);
        }
    }

    /// <summary>Applies what the rules say about a scene.</summary>
    public WatchedHost JudgedRule(Scene scene)
    {
        _advice.Publish(scene.Advise());
        return this;
    }

    /// <summary>Adds a listener with an empty queue.</summary>
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

    /// <summary>An AF_UNIX listener with a limit of 8.</summary>
    public static UnixSample Unix(string path, string unit, long length, long peak) => new()
    {
        Identity = new UnixIdentity(path, unit),
        Sockets = 1,
        Uid = 33,
        QueueLength = length,
        QueueLimit = 8,
        QueuePeak = peak,
        FillRatio = length / 8.0,
        FillRatioPeak = peak / 8.0,
    };

    /// <summary>Sets how many connections wait, and how many are lost.</summary>
    public static void Queue(NamespaceSample sample, int listener, long length, uint lost = 0)
    {
        ref var row = ref sample.Listeners[listener];
        row.QueueLength = length;
        row.QueuePeak = Math.Max(row.QueuePeak, length);
        row.FillRatio = (double)length / row.QueueLimit;
        row.FillRatioPeak = Math.Max(row.FillRatioPeak, row.FillRatio);
        row.Drops += lost;
        if (lost > 0)
        {
            row.Lost += new LossCounts(lost, 0, 0);
            row.LastLoss = sample.ListenersAt;
            Add(sample.Kernel.Netstat, "ListenDrops", lost);
            Add(sample.Kernel.Netstat, "ListenOverflows", lost);
        }
    }

    public static void Add(CounterTable table, string name, ulong count) => table.Values[table.IndexOf(name)] += count;
}
