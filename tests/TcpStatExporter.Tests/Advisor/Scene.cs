using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Tests.Advisor;

/// <summary>
/// A host with 8 GiB and the defaults of a recent kernel, without problems, at two samples one minute apart. Tests change
/// what they are about.
/// </summary>
internal sealed class Scene
{
    private const int PageSize = 4096;
    private const ulong Before = 1000;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly string[] TcpNames = ["ActiveOpens", "PassiveOpens", "EstabResets", "CurrEstab", "AttemptFails", "OutSegs", "RetransSegs", "OutRsts"];

    private static readonly string[] TcpExtNames =
    [
        "SyncookiesSent", "SyncookiesFailed", "ListenOverflows", "ListenDrops", "TCPLostRetransmit", "TCPTimeouts", "TCPAbortOnData",
        "TCPAbortOnClose", "TCPAbortOnMemory", "TCPAbortOnTimeout", "TCPMemoryPressures", "TCPTimeWaitOverflow", "TCPReqQFullDoCookies",
        "TCPReqQFullDrop", "TCPRetransFail", "TCPSynRetrans", "TCPKeepAlive", "TCPDSACKRecv", "TCPAbortOnLinger",
    ];

    public Scene()
    {
        foreach (var sample in Both)
        {
            for (var id = SourceId.Sockets; (int)id < SourceExtensions.Count; id++)
            {
                sample.Kernel[id] = ReadResult.Ok;
            }

            sample.Sweep.Status = ReadResult.Ok;
            sample.Sweep.PortsLimit = 28232;
            sample.Kernel.Snmp.SetNames(TcpNames);
            sample.Kernel.Netstat.SetNames(TcpExtNames);
            sample.Host.Status(HostSourceId.Machine) = ReadResult.Ok;
            sample.Kernel.Conntrack = new ConntrackCounts { Entries = 1000, HasEntries = true, HasStatistics = true };
            sample.Host.Sockets = default(HostSockets);
            sample.Host.Machine = new MachineFacts { MemoryBytes = 8L << 30, HasSoftnet = true };
        }

        Set(Sysctl.Somaxconn, 4096);
        Set(Sysctl.NetdevMaxBacklog, 1000);
        Set(Sysctl.RmemMax, 212992);
        Set(Sysctl.WmemMax, 212992);
        Set(Sysctl.IpLocalPortRange, 32768, 60999);
        Set(Sysctl.IpLocalReservedPorts, 0);
        Set(Sysctl.TcpAbortOnOverflow, 0);
        Set(Sysctl.TcpFinTimeout, 60);
        Set(Sysctl.TcpKeepaliveTime, 7200);
        Set(Sysctl.TcpKeepaliveIntvl, 75);
        Set(Sysctl.TcpKeepaliveProbes, 9);
        Set(Sysctl.TcpMaxOrphans, 32768);
        Set(Sysctl.TcpMaxSynBacklog, 512);
        Set(Sysctl.TcpMaxTwBuckets, 32768);
        Set(Sysctl.TcpMem, 94302, 125738, 188604);
        Set(Sysctl.TcpRmem, 4096, 131072, 6291456);
        Set(Sysctl.TcpSyncookies, 1);
        Set(Sysctl.TcpTimestamps, 1);
        Set(Sysctl.TcpTwReuse, 2);
        Set(Sysctl.TcpWmem, 4096, 16384, 4194304);
        Set(Sysctl.NfConntrackMax, 262_144);
        Set(Sysctl.NfConntrackTcpTimeoutEstablished, 432_000);
    }

    public NamespaceSample Earlier { get; } = new();

    public NamespaceSample Now { get; } = new();

    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The smallest number in CLOSE_WAIT at a count between the two samples. Null if there was no count.</summary>
    public long? LeastCloseWait { get; set; }

    /// <summary>What was recorded about bursts, closed listeners, and connections that ended at once.</summary>
    public Bursts Bursts { get; } = new();

    public Departures Departures { get; } = new();

    public Falls Falls { get; } = new();

    public AdvisorContext Context
    {
        get
        {
            (Earlier.SampledAt, Earlier.ListenersAt) = (Hour, Hour);
            (Now.SampledAt, Now.ListenersAt) = (Hour + Window, Hour + Window);
            for (var i = 0; i < Now.Listeners.Count; i++)
            {
                ref var listener = ref Now.Listeners[i];
                if (i < Earlier.Listeners.Count && listener.Lost != Earlier.Listeners[i].Lost)
                {
                    listener.LastLoss = Now.ListenersAt;
                }
            }

            var mark = new Mark();
            mark.Take(Earlier);
            var stretch = new Stretch(Now, mark, Window);
            return new AdvisorContext(Now, stretch, stretch, stretch)
            {
                PageSize = PageSize,
                LeastSeenCloseWait = LeastCloseWait,
                Bursts = Bursts,
                Departures = Departures,
                Falls = Falls,
            };
        }
    }

    private NamespaceSample[] Both => [Earlier, Now];

    /// <summary>Sets a kernel parameter.</summary>
    public Scene Set(Sysctl name, params ReadOnlySpan<long> values)
    {
        foreach (var sample in Both)
        {
            sample.Parameter(name) = new SysctlValue
            {
                Count = values.Length,
                First = values[0],
                Second = values.Length > 1 ? values[1] : 0,
                Third = values.Length > 2 ? values[2] : 0,
            };
        }

        return this;
    }

    /// <summary>Removes a kernel parameter, as if this kernel or namespace does not have it.</summary>
    public Scene Lack(Sysctl name)
    {
        Now.Parameter(name) = default;
        return this;
    }

    /// <summary>Makes a source fail at the later sample.</summary>
    public Scene Fail(SourceId id)
    {
        Now.Kernel[id] = ReadResult.Failed(SourceError.Io);
        if (id == SourceId.Sweep)
        {
            Now.Sweep.Status = ReadResult.Failed(SourceError.Io);
        }

        return this;
    }

    /// <summary>Sets a counter to 1000 at the earlier sample, and adds to it at the later one.</summary>
    public Scene Count(string name, ulong added)
    {
        foreach (var sample in Both)
        {
            var table = TcpNames.Contains(name) ? sample.Kernel.Snmp : sample.Kernel.Netstat;
            table.Values[table.IndexOf(name)] = sample == Now ? Before + added : Before;
        }

        return this;
    }

    /// <summary>Sets CurrEstab, the gauge among the counters.</summary>
    public Scene Open(ulong connections)
    {
        foreach (var sample in Both)
        {
            sample.Kernel.Snmp.Values[sample.Kernel.Snmp.IndexOf("CurrEstab")] = connections;
        }

        return this;
    }

    /// <summary>Sets the number of sockets in a state, at both samples.</summary>
    public Scene Sockets(TcpState state, long count, long? earlier = null)
    {
        Earlier.Kernel.States[state] = earlier ?? count;
        Now.Kernel.States[state] = count;
        return this;
    }

    /// <summary>Sets how long the oldest connection of the last listener has waited.</summary>
    public Scene Waiting(double seconds) => At(now =>
    {
        ref var listener = ref now.Listeners.Span[^1];
        listener.HasWaits = true;
        listener.OldestSeconds = seconds;
        listener.OldestSecondsPeak = double.IsNaN(seconds) ? 0 : 2 * seconds;
        listener.OldestLength = listener.QueueLength;
        listener.QueuedBytes = 4096;
    });

    /// <summary>Adds a listener that exists at both samples.</summary>
    public Scene Listener(
        ushort port = 8080,
        string unit = "web.service",
        long length = 0,
        long limit = 4096,
        double? peak = null,
        double? fullest = null,
        ulong dropped = 0,
        ulong synDropped = 0,
        uint droppedBefore = 0,
        int sockets = 1,
        int fullLooks = 0,
        int otherLooks = 0,
        long synPeak = 0,
        bool hasLimit = true,
        string? address = null)
    {
        var at = address is null ? IpAddress.FromIPv4(0) : IpAddress.FromIPv4(BitConverter.ToUInt32([.. System.Net.IPAddress.Parse(address).GetAddressBytes().Reverse()]));
        var identity = new ListenerIdentity(at, port, unit);
        foreach (var sample in Both)
        {
            var looks = default(Histogram);
            for (var i = 0; sample == Now && i < fullLooks + otherLooks; i++)
            {
                looks.Observe(ListenerSample.FillRatioBounds, i < fullLooks ? 2 : 0);
            }

            sample.Listeners.Add(new ListenerSample
            {
                FillRatios = looks,
                FillRatio = (double)length / limit,
                Lost = sample == Now ? new LossCounts(droppedBefore + dropped, synDropped, 0) : new LossCounts(droppedBefore, 0, 0),
                LastLoss = droppedBefore > 0 ? Hour - TimeSpan.FromMinutes(30) : null,
                Identity = identity,
                Sockets = sockets,
                QueueLength = length,
                QueueLimit = limit,
                QueuePeak = peak ?? length,
                FillRatioPeak = fullest ?? ((peak ?? length) / limit),
                Drops = droppedBefore + (sample == Now ? dropped + synDropped : 0),
                SynQueueLength = synPeak,
                SynQueuePeak = synPeak,
                HasLimit = hasLimit,
                HasDrops = hasLimit,
            });
            sample.Kernel.Listeners.Add(new ListenerSocket
            {
                Address = at,
                Port = port,
                Drops = droppedBefore + (sample == Now ? (uint)dropped : 0),
                HasDrops = hasLimit,
                HasLimit = hasLimit,
            });
        }

        return this;
    }

    /// <summary>
    /// Sets what the last sweep found about ports. Ports in TIME_WAIT can be reused, depending on tcp_tw_reuse.
    /// </summary>
    public Scene Ports(int busiest, int all = 0, int limit = 28232, int timeWait = 0, bool isLoopback = false)
    {
        var destination = new Destination(IpAddress.FromIPv4(0x0a000001), IpAddress.FromIPv4(isLoopback ? 0x7f000001U : 0x0a000002), 5432);
        var isTakenOver = destination.TakesOverTimeWait(Now.Kernel.Sysctls[Sysctl.TcpTwReuse].First) && Now.Kernel.Sysctls[Sysctl.TcpTimestamps].First != 0;
        Now.Sweep.BusiestPortsUsed = busiest;
        Now.Sweep.Busiest = destination;
        Now.Sweep.Scarcest = new DestinationPorts(destination, busiest, timeWait, busiest - (isTakenOver ? timeWait : 0));
        Now.Sweep.PortsUsedIPv4 = Math.Max(all, busiest);
        Now.Sweep.PortsLimit = limit;
        return this;
    }

    /// <summary>Sets a listener's connections in CLOSE_WAIT in the last sweep.</summary>
    public Scene SweptCloseWait(long count, int listener = 0)
    {
        var swept = new SweepListener { Identity = Now.Listeners[listener].Identity };
        swept.Connections[TcpState.CloseWait] = count;
        Now.Sweep.Listeners.Add(swept);
        return this;
    }

    /// <summary>Adds a peer to those with retransmissions between the last two sweeps.</summary>
    public Scene Resent(string peer, ulong sent, ulong retransmitted, double roundTrip = double.NaN, int connections = 1)
    {
        Now.Sweep.TrafficTime = TimeSpan.FromSeconds(5);
        Now.Sweep.Peers.Add(new PeerTraffic { Peer = new PeerName(peer), Traffic = new Traffic(sent, retransmitted), Connections = connections, RoundTripSeconds = roundTrip });
        return this;
    }

    /// <summary>Sets how the first listener closes idle connections.</summary>
    public Scene ClosesIdle(double after, int closes, int longer = 0)
    {
        Now.Sweep.Listeners.Add(new SweepListener { Identity = Now.Listeners[0].Identity, IdleTimeout = after, IdleCloses = closes, IdleLonger = longer });
        return this;
    }

    /// <summary>Sets how many connections to other hosts are idle for long.</summary>
    public Scene Idle(int without, int late = 0)
    {
        (Now.Sweep.HasIdle, Now.Sweep.IdleWithoutKeepalive, Now.Sweep.IdleLateKeepalive) = (true, without, late);
        return this;
    }

    /// <summary>Sets the entries in connection tracking, and the packets that it dropped.</summary>
    public Scene Conntrack(long entries, ulong dropped = 0)
    {
        Now.Kernel.Conntrack.Entries = entries;
        Now.Kernel.Conntrack.Statistics.Dropped = dropped;
        return this;
    }

    /// <summary>An AF_UNIX listener.</summary>
    /// <param name="length">Connections in its queue.</param>
    /// <param name="limit">Its limit.</param>
    /// <param name="seconds">How long it has been full; not at all if not given.</param>
    /// <param name="unit">Who holds it.</param>
    public Scene Unix(long length, long limit, double? seconds = null, string unit = "php8.2-fpm.service")
    {
        Now.UnixListeners.Add(new UnixSample
        {
            Identity = new UnixIdentity($"/run/{Now.UnixListeners.Count}.sock", unit),
            Sockets = 1,
            Uid = 33,
            QueueLength = length,
            QueueLimit = limit,
            QueuePeak = length,
            FillRatio = (double)length / limit,
            FillRatioPeak = (double)length / limit,
            FullSince = seconds is { } time ? Hour + Window - TimeSpan.FromSeconds(time) : null,
        });
        return this;
    }

    /// <summary>Adds losses that no listener accounts for.</summary>
    public Scene Unnamed(ulong acceptQueue = 0, ulong synQueue = 0)
    {
        Now.Unattributed = new LossCounts(acceptQueue, synQueue, 0);
        return Count("ListenDrops", acceptQueue + synQueue).Count("ListenOverflows", acceptQueue);
    }

    /// <summary>Adds a closed listener.</summary>
    public Scene Gone(ushort port = 8080, string unit = "web.service", double ago = 40, double listened = 3600, ulong lost = 0, ulong openings = 0, double? lastLoss = null)
    {
        Now.Closed.Add(new ClosedListener
        {
            Last = new ListenerSample
            {
                Identity = new ListenerIdentity(IpAddress.FromIPv4(0), port, unit),
                HasDrops = true,
                HasLimit = true,
                Openings = openings,
                Lost = new LossCounts(lost, 0, 0),
                LastLoss = lost > 0 ? Hour + Window - TimeSpan.FromSeconds(lastLoss ?? ago) : null,
            },
            LastSeen = Hour + Window - TimeSpan.FromSeconds(ago),
            Listened = TimeSpan.FromSeconds(listened),
        });
        return this;
    }

    /// <summary>
    /// Adds connections in CLOSE_WAIT that a unit holds: accepted ones, or those that it opened to a destination.
    /// </summary>
    public Scene Holds(long connections, string unit, string? destination = null)
    {
        Now.CloseWaitHolders.Add(new HolderSample
        {
            Identity = destination is null ? new HolderIdentity(default, 0, unit) : new HolderIdentity(Ip(destination), 5432, unit),
            Connections = connections,
        });
        return this;
    }

    /// <summary>
    /// Adds connections in SYN_SENT to a destination that have existed for this many seconds, and the total time spent in
    /// that state.
    /// </summary>
    public Scene Waits(long connections, double seconds, string destination = "10.0.0.2", string unit = "", double since = 30, long resent = 0, bool isLocal = false)
    {
        Now.SynSentDestinations.Add(new HolderSample
        {
            Identity = new HolderIdentity(Ip(destination), 5432, unit, isLocal),
            Connections = connections,
            Resent = resent,
            Since = Hour + Window - TimeSpan.FromSeconds(since),
        });
        Now.SynSentSeconds = seconds;
        return this;
    }

    /// <summary>Sets the rate of resets before the listener closed.</summary>
    public Scene RefusedBefore(double perSecond)
    {
        var sample = new NamespaceSample { SampledAt = Hour };
        Now.Closed.CopyTo(sample.Closed);
        sample.Kernel[SourceId.Snmp] = ReadResult.Ok;
        sample.Kernel.Snmp.SetNames(["OutRsts"]);
        var mark = new Mark();
        mark.Take(sample);
        sample.Kernel.Snmp.Values[0] = (ulong)(perSecond * 60);
        Departures.Observe(sample, new Stretch(sample, mark, TimeSpan.FromMinutes(1)));
        return this;
    }

    /// <summary>Ends nearly all connections at once.</summary>
    public Scene Fell(long from, double ago)
    {
        var sample = new NamespaceSample();
        sample.Kernel[SourceId.Snmp] = sample.Kernel[SourceId.Netstat] = ReadResult.Ok;
        sample.Kernel.Snmp.SetNames(["CurrEstab", "EstabResets"]);
        sample.Kernel.Snmp.Values[0] = (ulong)from;
        var mark = new Mark();
        mark.Take(sample);
        sample.Kernel.Snmp.Values[0] = 1;
        sample.Kernel.Snmp.Values[1] = (ulong)from;
        sample.SampledAt = Hour + Window - TimeSpan.FromSeconds(ago);
        Falls.Observe(sample, new Stretch(sample, mark, TimeSpan.FromSeconds(10)), new Stretch(sample, mark, TimeSpan.FromMinutes(1)));
        return this;
    }

    /// <summary>Sets the first listener's accepted connections, and how many of them have unread bytes.</summary>
    public Scene Unread(int unread, long established)
    {
        var listener = new SweepListener { Identity = Now.Listeners[0].Identity, Unread = unread };
        listener.Connections[TcpState.Established] = established;
        Now.Sweep.Listeners.Add(listener);
        return this;
    }

    /// <summary>Changes the later sample.</summary>
    public Scene At(Action<NamespaceSample> change)
    {
        change(Now);
        return this;
    }

    /// <summary>Returns the result of all rules.</summary>
    public Advice Advise()
    {
        var context = Context;
        return Examiner.Make(RuleBook.All, context, rule => rule.Judge(context)) with
        {
            UnixMilliseconds = 1_795_380_000_000,
            IsPartial = false,
            Counters = [new CountedLoss("TcpExtListenDrops", 1044, 44)],
        };
    }

    private static IpAddress Ip(string address) => IpAddress.FromIPv4(BitConverter.ToUInt32([.. System.Net.IPAddress.Parse(address).GetAddressBytes().Reverse()]));

    /// <summary>Returns the result of one rule.</summary>
    public RuleResult Judge(string id) => RuleBook.All.Single(rule => rule.Id == id).Judge(Context);
}
