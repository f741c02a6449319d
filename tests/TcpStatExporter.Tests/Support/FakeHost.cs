using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Tests.Support;

/// <summary>Sources of a host with everything on it: all states, listeners, every counter, every parameter.</summary>
internal static class FakeHost
{
    public static readonly TcpState[] States = [.. Enum.GetValues<TcpState>().Where(state => state is > TcpState.None and <= TcpState.Closing)];

    private static readonly string[] SnmpNames = [.. KernelCounterNames.Tcp.Keys];
    private static readonly string[] NetstatNames = [.. KernelCounterNames.TcpExt.Keys];

    /// <summary>Returns all tick sources. Values change at each read, but their number does not.</summary>
    /// <param name="listeners">Number of listening sockets.</param>
    public static FakeSource[] Sources(int listeners = 2) =>
    [
        new(SourceId.Snmp, snapshot => Count(snapshot.Snmp, SnmpNames)),
        new(SourceId.Netstat, snapshot => Count(snapshot.Netstat, NetstatNames)),
        new(SourceId.Sockstat, snapshot =>
        {
            snapshot.Sockstat = new SockstatCounts { TcpInUse = 11, TcpTimeWait = 13, Tcp6InUse = 16, HasTcp6 = true };
            snapshot.HostSockets = new HostSockets { Orphans = 12, Allocated = 14, MemoryPages = 15 };
            return ReadResult.Ok;
        }),
        new(SourceId.Sysctl, ReadSysctls),
        new(SourceId.Conntrack, snapshot =>
        {
            snapshot.Conntrack = new ConntrackCounts
            {
                Entries = 17,
                HasEntries = true,
                HasStatistics = true,
                Statistics = new ConntrackStatistics { Dropped = 18, EarlyDropped = 19, InsertFailed = 20 },
            };
            return ReadResult.Ok;
        }),
        new(SourceId.Udp, ReadUdp),
        new(SourceId.Sockets, snapshot => ReadSockets(snapshot, listeners)),
        new(SourceId.Listeners, snapshot => ReadListeners(snapshot, listeners)),
    ];

    private static ReadResult Count(CounterTable table, string[] names)
    {
        if (table.Names.Length == 0)
        {
            table.SetNames(names);
        }

        for (var i = 0; i < names.Length; i++)
        {
            // no losses, otherwise the listeners would be read twice
            table.Values[i] = names[i] is "ListenDrops" or "ListenOverflows" ? 7 : table.Values[i] + 7;
        }

        return ReadResult.Ok;
    }

    private static ReadResult ReadSysctls(TcpSnapshot snapshot)
    {
        for (var sysctl = Sysctl.Somaxconn; sysctl <= Sysctl.NfConntrackMax; sysctl++)
        {
            var count = sysctl switch
            {
                Sysctl.TcpMem or Sysctl.TcpRmem or Sysctl.TcpWmem => 3,
                Sysctl.IpLocalPortRange => 2,
                _ => 1,
            };
            snapshot.Sysctls[sysctl] = new SysctlValue { Count = count, First = 32_768, Second = 60_999, Third = 100_000 };
        }

        return ReadResult.Ok;
    }

    private static ReadResult ReadUdp(TcpSnapshot snapshot)
    {
        // the second one drops one datagram between two reads
        var look = snapshot.UdpSockets.Count == 0 ? 0 : snapshot.UdpSockets[1].Drops + 1;
        snapshot.UdpSockets.Clear();
        for (var i = 0; i < 50; i++)
        {
            snapshot.UdpSockets.Add(new UdpSocket
            {
                Address = IpAddress.FromIPv4(0x0a00_0001),
                Port = (ushort)(500 + i),
                Cookie = (ulong)(2000 + i),
                CgroupId = 1,
                QueueBytes = (uint)(50 - i),
                LimitBytes = 100,
                Drops = i == 1 ? look : 7,
            });
        }

        snapshot.AreUdpSocketsNew = true;
        return ReadResult.Ok;
    }

    private static ReadResult ReadSockets(TcpSnapshot snapshot, int listeners)
    {
        foreach (var state in States)
        {
            snapshot.States[state] = (int)state * 10;
        }

        snapshot.CloseWaitUnaccepted = 3;
        snapshot.SynQueues.Clear();
        for (var i = 0; i < listeners; i += 3)
        {
            snapshot.SynQueues.Add(new SynQueue { Address = IpAddress.FromIPv4(0x0a00_0001), Port = (ushort)(1 + i), Length = i });
        }

        snapshot.SynSent.Clear();
        snapshot.CloseWait.Clear();
        for (var i = 0; i < 20; i++)
        {
            snapshot.SynSent.Add(new EndpointCount { Address = IpAddress.FromIPv4(0x0a00_0009), Port = (ushort)(1 + i), CgroupId = 1, Count = 1 });
            snapshot.CloseWait.Add(new EndpointCount { Address = IpAddress.FromIPv4(0x0a00_0008), Port = (ushort)(1 + i), CgroupId = 1, Count = 3 });
        }

        return ReadResult.Ok;
    }

    private static ReadResult ReadListeners(TcpSnapshot snapshot, int listeners)
    {
        snapshot.Listeners.Clear();
        for (var i = 0; i < listeners; i++)
        {
            snapshot.Listeners.Add(new ListenerSocket
            {
                Address = IpAddress.FromIPv4(0x0a00_0001),
                Port = (ushort)(1 + i),
                QueueLength = (uint)(i % 140),
                QueueLimit = 128,
                HasLimit = true,
                Drops = (uint)i,
                HasDrops = true,
                Cookie = (ulong)(1000 + i),
                CgroupId = 1,
            });
        }

        return ReadResult.Ok;
    }

    /// <summary>Creates a sampler for these sources, and the store that it publishes to.</summary>
    public static (Sampler Sampler, SampleStore Store) Sampler(
        IEnumerable<ISource> sources, TimeProvider time, ListenerTable? listeners = null, RecordingLogger<Sampler>? log = null)
    {
        var store = new SampleStore();
        var sampler = new Sampler(
            sources, listeners ?? Listeners.Table(), Listeners.Stuck(), host: null, TimeSpan.FromSeconds(60), store, time, log ?? new RecordingLogger<Sampler>(),
            udp: new UdpTable(32, static _ => "unit1.service", static _ => ""));
        return (sampler, store);
    }

    /// <summary>Creates a namespace from these parts. Nothing in it comes from the kernel.</summary>
    public static NamespaceSampling Namespace(
        Sampler sampler, SampleStore store, TimeProvider time, TimeSpan interval, TimeSpan listenersInterval, string name = "", ISource? sweep = null)
    {
        var sweeper = new Sweeper(sweep ?? new FakeSource(SourceId.Sweep), new SweepTally(), store, time, new RecordingLogger<Sweeper>());
        return new NamespaceSampling(name, NetNamespace.OfProcfs("/proc"), store, sampler, sweeper, interval, listenersInterval);
    }

    /// <summary>Returns the last published sample, held as long as the test runs.</summary>
    public static NamespaceSample Read(this SampleStore store) => store.Take().Sample;
}
