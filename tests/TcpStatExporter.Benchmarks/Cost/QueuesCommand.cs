using System.Net;
using System.Net.Sockets;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.Sources;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// Measures the cost of the queues beside the accept queue's length: waits of connections that nobody has accepted, connection
/// tracking, softnet, and UDP receivers, each compared with a minimal C program that reads the same. Also measures a tick of a
/// quiet host with and without all of them.
/// </summary>
internal static class QueuesCommand
{
    /// <summary>Name of the command.</summary>
    public const string Name = "queues";

    private const string RoundsFlag = "--rounds";

    /// <summary>Listeners whose queue is in use, and connections in each.</summary>
    private const int Queues = 12;
    private const int Waiting = 20;

    private const int UdpRows = 32;

    /// <summary>Its flags.</summary>
    public static string[] Flags { get; } = [RoundsFlag];

    /// <summary>Runs the command.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 if all goals were reached.</returns>
    public static int Run(Flags flags)
    {
        var rounds = (int)flags.Numbers(RoundsFlag, 300)[0];
        var goals = new Goals();
        var table = new Table("one read", "exporter: read, remembered, ms", "minimal C: read, ms", "ratio", "bytes allocated by 100");
        Quiet(rounds, goals);

        using var softnet = new SoftnetSource("/proc");
        Compare("softnet", Reading(softnet), "--files", "/proc/net/softnet_stat");
        Conntrack("connection tracking, no entries", "/proc/sys/net/netfilter/nf_conntrack_count");
        if (File.Exists("/proc/net/stat/nf_conntrack"))
        {
            Track();
            Conntrack("connection tracking, with entries", "/proc/sys/net/netfilter/nf_conntrack_count", "/proc/net/stat/nf_conntrack");
        }

        var receivers = new List<Socket>();
        foreach (var count in (int[])[12, 1000])
        {
            GrowTo(receivers, count);
            using var udp = new UdpLook();
            Compare($"{count:N0} UDP receivers", udp.Take, "--udp");
        }

        receivers.ForEach(receiver => receiver.Dispose());
        using (var queues = new FullQueues(Queues, Waiting))
        using (var waits = new WaitsLook())
        {
            Compare($"waits in {Queues} accept queues in use", waits.Take, "--waits");
            if (!waits.HasSeen(Queues))
            {
                throw new InvalidOperationException("the exporter did not measure a wait in each queue");
            }
        }

        Console.WriteLine($"CPU, medians of {rounds} rounds, sides in turn, warm caches");
        Console.WriteLine();
        table.Print();
        goals.Print();
        return goals.ExitCode;

        void Conntrack(string what, params string[] files)
        {
            if (!File.Exists(files[0]))
            {
                Console.WriteLine("Connection tracking: this kernel does not have it");
                return;
            }

            using var source = new ConntrackSource(NetNamespace.OfProcfs("/proc"), new ProcFileBuffer());
            Compare(what, Reading(source), ["--files", .. files]);
        }

        void Compare(string what, Func<TimeSpan> exporter, params string[] arguments)
        {
            using var minimal = new MinimalReads(arguments);
            for (var i = 0; i < 200; i++)
            {
                exporter();
                minimal.Read();
                Thread.Sleep(2);
            }

            var times = Median.InTurn(rounds, exporter, minimal.Read);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                exporter();
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            table.Add(what, $"{Median.Of(times[0]):0.000}", $"{Median.Of(times[1]):0.000}", $"{Median.Ratio(times[0], times[1]):0.00}", $"{allocated:N0}");
            goals.AtMost(0, allocated, $"allocated by 100 reads: {what}", "bytes");
        }
    }

    /// <summary>
    /// A quiet host with and without these reads, in turn, twenty times as fast as in a daemon. UDP is read in every fifth tick and
    /// softnet in every tenth, so what is compared is sums of ten ticks.
    /// </summary>
    private static void Quiet(int rounds, Goals goals)
    {
        const int Block = 10;
        using var with = new QuietHost(hasQueues: true);
        using var without = new QuietHost(hasQueues: false);
        var (on, off) = (new List<double>(), new List<double>());
        for (var block = -20; block < rounds / Block; block++)
        {
            var (one, other) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var i = 0; i < Block; i++)
            {
                Thread.Sleep(QuietHost.Second / 2);
                one += with.Tick();
                Thread.Sleep(QuietHost.Second / 2);
                other += without.Tick();
            }

            if (block >= 0)
            {
                on.Add(one.TotalMilliseconds / Block);
                off.Add(other.TotalMilliseconds / Block);
            }
        }

        Console.WriteLine($"A tick of a quiet host, CPU, mean of {Block}, median of {on.Count} in turn: {Median.Of(on):0.000} ms with AF_UNIX listeners, UDP, connection tracking, softnet and waits, {Median.Of(off):0.000} ms without");
        Console.WriteLine();
        goals.AtMost(1.1, Median.Ratio(on, off), "a tick of a quiet host with the other queues, by one without", "times");
    }

    private static Func<TimeSpan> Reading<T>(ISourceOf<T> source)
        where T : new()
    {
        var sample = new T();
        return () =>
        {
            var start = ThreadCpuClock.Now();
            if (!source.Read(sample).IsOk)
            {
                throw new InvalidOperationException($"{source.Name} cannot be read");
            }

            return ThreadCpuClock.Now() - start;
        };
    }

    private static void GrowTo(List<Socket> receivers, int count)
    {
        while (receivers.Count < count)
        {
            // below the ephemeral ports that the sandbox sets there is no room for a thousand
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(receivers.Count >> 8)]), 1 + (receivers.Count & 0xff)));
            receivers.Add(socket);
        }
    }

    /// <summary>One entry is enough for the kernel's statistics to be read. Entries stay for 30 s after their last packet.</summary>
    private static void Track()
    {
        Sandbox.Execute("iptables", "-A", "OUTPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "ACCEPT");
        File.WriteAllText("/proc/sys/net/netfilter/nf_conntrack_udp_timeout", "600");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo([0], new IPEndPoint(IPAddress.Loopback, 9));
    }

    /// <summary>Listeners that nobody accepts from, with clients.</summary>
    private sealed class FullQueues : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public FullQueues(int queues, int waiting)
        {
            for (var i = 0; i < queues; i++)
            {
                var listener = Make();
                listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                listener.Listen(waiting);
                for (var client = 0; client < waiting; client++)
                {
                    Make().Connect(listener.LocalEndPoint!);
                }
            }
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private Socket Make()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            return socket;
        }
    }

    /// <summary>The source of UDP sockets and the table behind it.</summary>
    private sealed class UdpLook : IDisposable
    {
        private readonly UdpSource _source = new(
            NetNamespace.OfProcfs("/proc"), useNetlink: true, new ReadingPace(TimeSpan.Zero, TimeProvider.System, ThreadCpuClock.Now), CancellationToken.None);

        private readonly UdpTable _table = new(UdpRows, static _ => "", static _ => "");
        private readonly TcpSnapshot _snapshot = new();
        private readonly ValueList<UdpSample> _rows = new();

        public TimeSpan Take()
        {
            var start = ThreadCpuClock.Now();
            if (!_source.Read(_snapshot).IsOk)
            {
                throw new InvalidOperationException("this kernel has no udp_diag");
            }

            _table.Observe(_snapshot.UdpSockets.Span, _snapshot.Sysctls);
            _table.CopyTo(_rows);
            return ThreadCpuClock.Now() - start;
        }

        public void Dispose() => _source.Dispose();
    }

    /// <summary>The look at queues that are in use, as between two ticks of the daemon.</summary>
    private sealed class WaitsLook : IDisposable
    {
        private readonly Ticks _ticks = new();

        public WaitsLook()
        {
            _ticks.Tick();
            _ticks.Tick();
        }

        public TimeSpan Take() => _ticks.LookAtQueues();

        public bool HasSeen(int queues)
        {
            _ticks.Tick();
            return _ticks.Sample.Listeners.Span.ToArray().Count(listener => listener.OldestSeconds > 0) >= queues;
        }

        public void Dispose() => _ticks.Dispose();
    }
}
