using System.Reflection;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>A field that is added to a sample and forgotten in its copy would be a wrong number at every scrape.</summary>
public sealed class NamespaceSampleTests
{
    private static readonly ListenerIdentity Identity = new(IpAddress.FromIPv4(1), 80, "");

    private static readonly Dictionary<string, (Action<NamespaceSample> Set, Func<NamespaceSample, object> Get)> Tick = new(StringComparer.Ordinal)
    {
        ["Host"] = (s => s.Host.Machine.MemoryBytes = 7, s => s.Host.Machine.MemoryBytes),
        ["_sources"] = (s => s[SourceId.Sysctl][SourceError.Io] = 1, s => s[SourceId.Sysctl][SourceError.Io]),
        ["StatePeaks"] = (s => s.StatePeaks[TcpState.Closing] = 2, s => s.StatePeaks[TcpState.Closing]),
        ["HasUnknownState"] = (s => s.HasUnknownState = true, s => s.HasUnknownState),
        ["ListenersNotExported"] = (s => s.ListenersNotExported = 3, s => s.ListenersNotExported),
        ["Samples"] = (s => s.Samples = 4, s => s.Samples),
        ["SamplesMissed"] = (s => s.SamplesMissed = 5, s => s.SamplesMissed),
        ["LastSampleUnixMilliseconds"] = (s => s.LastSampleUnixMilliseconds = 6, s => s.LastSampleUnixMilliseconds),
        ["SampledAt"] = (s => s.SampledAt = TimeSpan.FromSeconds(9), s => s.SampledAt),
        ["StatesAge"] = (s => s.StatesAge = TimeSpan.FromSeconds(14), s => s.StatesAge),
        ["ListenersAt"] = (s => s.ListenersAt = TimeSpan.FromSeconds(10), s => s.ListenersAt),
        ["StartUnixMilliseconds"] = (s => s.StartUnixMilliseconds = 7, s => s.StartUnixMilliseconds),
        ["PeakWindow"] = (s => s.PeakWindow = TimeSpan.FromSeconds(8), s => s.PeakWindow),
        ["SynSentSeconds"] = (s => s.SynSentSeconds = 11, s => s.SynSentSeconds),
        ["SynSentDestinations"] = (s => s.SynSentDestinations.Add(new HolderSample { Connections = 12 }), s => s.SynSentDestinations.Span.ToArray().Sum(h => h.Connections)),
        ["CloseWaitHolders"] = (s => s.CloseWaitHolders.Add(new HolderSample { Connections = 13 }), s => s.CloseWaitHolders.Span.ToArray().Sum(h => h.Connections)),
        ["Listeners"] = (s => s.Listeners.Add(new ListenerSample { Identity = Identity, SynQueuePeak = 9 }), s => s.Listeners.Span.ToArray().Sum(l => l.SynQueuePeak)),
        ["Unattributed"] = (s => s.Unattributed = new LossCounts(1, 2, 3), s => s.Unattributed),
        ["ListenerRows"] = (s => s.ListenerRows.Add(9), s => s.ListenerRows.Count),
        ["UdpDrops"] = (s => s.UdpDrops = 15, s => s.UdpDrops),
        ["UdpReceivers"] = (s => s.UdpReceivers.Add(new UdpSample { Drops = 16 }), s => s.UdpReceivers.Count),
        ["Waits"] = (s => s.Waits.Add(default), s => s.Waits.Count),
        ["UnixListeners"] = (s => s.UnixListeners.Add(new UnixSample { QueueLength = 17 }), s => s.UnixListeners.Count),
        ["UnixListenersNotExported"] = (s => s.UnixListenersNotExported = 18, s => s.UnixListenersNotExported),
        ["Closed"] = (s => s.Closed.Add(new ClosedListener()), s => s.Closed.Count),
    };

    private static readonly Dictionary<string, (Action<TcpSnapshot> Set, Func<TcpSnapshot, object> Get)> Kernel = new(StringComparer.Ordinal)
    {
        ["_status"] = (s => s[SourceId.Sysctl] = ReadResult.OkDespite(SourceError.Io), s => s[SourceId.Sysctl]),
        ["States"] = (s => s.States[TcpState.Listen] = 1, s => s.States[TcpState.Listen]),
        ["AreStatesOld"] = (s => s.AreStatesOld = true, s => s.AreStatesOld),
        ["CloseWaitUnaccepted"] = (s => s.CloseWaitUnaccepted = 2, s => s.CloseWaitUnaccepted),
        ["Sockstat"] = (s => s.Sockstat.Tcp6InUse = 3, s => s.Sockstat.Tcp6InUse),
        ["AreUdpSocketsNew"] = (s => s.AreUdpSocketsNew = true, s => s.AreUdpSocketsNew),
        ["AreUnixListenersNew"] = (s => s.AreUnixListenersNew = true, s => s.AreUnixListenersNew),
        ["Conntrack"] = (s => s.Conntrack.Statistics.InsertFailed = 8, s => s.Conntrack.Statistics.InsertFailed),
        ["Machine"] = (s => s.Machine.MemoryBytes = 7, s => s.Machine.MemoryBytes),
        ["Listeners"] = (s => s.Listeners.Add(new ListenerSocket { Drops = 4 }), s => s.Listeners.Span.ToArray().Sum(l => l.Drops)),
        ["SynQueues"] = (s => s.SynQueues.Add(new SynQueue { Length = 5 }), s => s.SynQueues.Span.ToArray().Sum(q => q.Length)),
        ["Snmp"] = (s => s.Snmp.SetNames(["A"]), s => s.Snmp.IndexOf("A")),
        ["UdpCounters"] = (s => s.UdpCounters.SetNames(["C"]), s => s.UdpCounters.IndexOf("C")),
        ["Udp6Counters"] = (s => s.Udp6Counters.SetNames(["D"]), s => s.Udp6Counters.IndexOf("D")),
        ["Mptcp"] = (s => s.Mptcp.SetNames(["E"]), s => s.Mptcp.IndexOf("E")),
        ["Netstat"] = (s => s.Netstat.SetNames(["B"]), s => s.Netstat.IndexOf("B")),
        ["Sysctls"] = (s => s.Sysctls[Sysctl.TcpWmem].Third = 6, s => s.Sysctls[Sysctl.TcpWmem].Third),
    };

    private static readonly Dictionary<string, (Action<SweepSample> Set, Func<SweepSample, object> Get)> Sweep = new(StringComparer.Ordinal)
    {
        ["Status"] = (s => s.Status = ReadResult.Ok, s => s.Status),
        ["UnixMilliseconds"] = (s => s.UnixMilliseconds = 1, s => s.UnixMilliseconds),
        ["PortsUsedIPv4"] = (s => s.PortsUsedIPv4 = 2, s => s.PortsUsedIPv4),
        ["PortsUsedIPv6"] = (s => s.PortsUsedIPv6 = 3, s => s.PortsUsedIPv6),
        ["PortsLimit"] = (s => s.PortsLimit = 4, s => s.PortsLimit),
        ["Busiest"] = (s => s.Busiest = new Destination(IpAddress.FromIPv4(5), default, 0), s => s.Busiest),
        ["Scarcest"] = (s => s.Scarcest = new DestinationPorts(default, 7, 8, 9), s => s.Scarcest),
        ["BusiestPortsUsed"] = (s => s.BusiestPortsUsed = 6, s => s.BusiestPortsUsed),
        ["ScarcestUnit"] = (s => s.ScarcestUnit = "a.service", s => s.ScarcestUnit),
        ["ScarcestName"] = (s => s.ScarcestName = new DestinationName("10.0.0.1", "10.0.0.2:443", "a.service"), s => s.ScarcestName ?? (object)"none"),
        ["TrafficTime"] = (s => s.TrafficTime = TimeSpan.FromSeconds(5), s => s.TrafficTime),
        ["HasIdle"] = (s => s.HasIdle = true, s => s.HasIdle),
        ["IdleWithoutKeepalive"] = (s => s.IdleWithoutKeepalive = 3, s => s.IdleWithoutKeepalive),
        ["IdleLateKeepalive"] = (s => s.IdleLateKeepalive = 4, s => s.IdleLateKeepalive),
        ["IdlePeers"] = (s => s.IdlePeers.Add(new PeerTraffic()), s => s.IdlePeers.Count),
        ["Peers"] = (s => s.Peers.Add(new PeerTraffic()), s => s.Peers.Count),
        ["Listeners"] = (s => s.Listeners.Add(new SweepListener { Identity = Identity }), s => s.Listeners.Count),
    };

    [Fact]
    public void Copies_every_field_of_a_tick()
    {
        Fields<NamespaceSample>().ShouldBe([.. Tick.Keys, "Kernel", "Sweep", "IsStale"], StringComparer.Ordinal, ignoreOrder: true, "a new field: add it here, and see that it is copied");
        Check(Tick, (from, to) => from.CopyTickTo(to));
    }

    [Fact]
    public void Copies_every_field_of_the_snapshot()
    {
        Fields<TcpSnapshot>().ShouldBe([.. Kernel.Keys, "SynSent", "CloseWait", "UdpSockets"], StringComparer.Ordinal, ignoreOrder: true);
        Check(Kernel, (from, to) => from.CopyTo(to));
        var sample = new NamespaceSample();
        var copy = new NamespaceSample();
        sample.Kernel.CloseWaitUnaccepted = 5;
        sample.CopyTickTo(copy);
        copy.Kernel.CloseWaitUnaccepted.ShouldBe(5);
    }

    [Fact]
    public void Copies_every_field_of_a_sweep()
    {
        Fields<SweepSample>().ShouldBe(Sweep.Keys, StringComparer.Ordinal, ignoreOrder: true);
        Check(Sweep, (from, to) => from.CopyTo(to));
    }

    [Fact]
    public void Does_not_change_the_sweep_of_the_other()
    {
        var from = new NamespaceSample();
        var to = new NamespaceSample();
        to.Sweep.PortsLimit = 5;
        to[SourceId.Sweep][SourceError.Io] = 6;
        from.CopyTickTo(to);
        to.Sweep.PortsLimit.ShouldBe(5);
        to[SourceId.Sweep][SourceError.Io].ShouldBe(6UL);
    }

    private static void Check<T>(Dictionary<string, (Action<T> Set, Func<T, object> Get)> fields, Action<T, T> copy)
        where T : new()
    {
        foreach (var (name, (set, get)) in fields)
        {
            var from = new T();
            var to = new T();
            get(from).ShouldBe(get(to), name);
            set(from);
            get(from).ShouldNotBe(get(to), name);
            copy(from, to);
            get(to).ShouldBe(get(from), name);
        }
    }

    /// <summary>Fields, and properties by their own name.</summary>
    private static string[] Fields<T>() =>
        [.. typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name)];
}
