using System.Globalization;
using System.Net.Sockets;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>What AF_UNIX listeners cost: a look at 12 and at 10,000 of them beside a minimal C program, and a tick of a quiet host with and without them.</summary>
internal static class UnixCommand
{
    /// <summary>The command that runs it.</summary>
    public const string Name = "unix";

    private const string RoundsFlag = "--rounds";

    /// <summary>Flags that it knows.</summary>
    public static string[] Flags { get; } = [RoundsFlag];

    /// <summary>Runs it.</summary>
    /// <param name="flags">Its flags.</param>
    /// <returns>0 where every goal was reached.</returns>
    public static int Run(Flags flags)
    {
        var rounds = (int)flags.Numbers(RoundsFlag, 300)[0];
        var goals = new Goals();
        using var minimal = new MinimalReads("--unix");
        var table = new Table("AF_UNIX listeners", "exporter: read, remembered, published, ms", "minimal C: read, ms", "ratio");
        var listeners = new List<Socket>();
        foreach (var count in (int[])[12, 10_000])
        {
            GrowTo(listeners, count);
            using var look = new UnixLook();
            for (var i = 0; i < 200; i++)
            {
                look.Take();
                minimal.Read();
                Thread.Sleep(2);
            }

            var times = Median.InTurn(rounds, look.Take, minimal.Read);
            table.Add($"{count:N0}", $"{Median.Of(times[0]):0.000}", $"{Median.Of(times[1]):0.000}", $"{Median.Ratio(times[0], times[1]):0.00}");
            goals.AtMost(count == 12 ? 0.05 : 15, Median.Of(times[0]), $"a look at {count:N0} AF_UNIX listeners", "ms");
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                look.Take();
            }

            goals.AtMost(0, GC.GetAllocatedBytesForCurrentThread() - before, $"allocated by 100 looks at {count:N0} AF_UNIX listeners", "bytes");
            if (count == 12)
            {
                Quiet(rounds, goals);
            }
        }

        listeners.ForEach(listener => listener.Dispose());
        Console.WriteLine($"CPU, medians of {rounds} rounds, sides in turn, warm caches");
        Console.WriteLine();
        table.Print();
        goals.Print();
        return goals.ExitCode;
    }

    /// <summary>A tick of a quiet host, once a tenth of a second, so that other things are in the caches.</summary>
    private static void Quiet(int rounds, Goals goals)
    {
        using var with = new Ticks();
        using var without = new Ticks(hasUnixListeners: false);
        for (var i = 0; i < 300; i++)
        {
            with.Tick();
            without.Tick();
            Thread.Sleep(5);
        }

        var (on, off) = (new List<double>(), new List<double>());
        for (var i = 0; i < rounds; i++)
        {
            Thread.Sleep(50);
            on.Add(with.Tick().TotalMilliseconds);
            Thread.Sleep(50);
            off.Add(without.Tick().TotalMilliseconds);
        }

        var (withIt, withoutIt) = (Median.Of(on), Median.Of(off));
        Console.WriteLine($"A tick of a quiet host, CPU: {withIt:0.000} ms with 12 AF_UNIX listeners, {withoutIt:0.000} ms with --unix-listeners=off");
        Console.WriteLine();
        goals.AtMost(1.1, withIt / withoutIt, "a tick of a quiet host with 12 AF_UNIX listeners, by one without", "times");
    }

    private static void GrowTo(List<Socket> listeners, int count)
    {
        while (listeners.Count < count)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(new UnixDomainSocketEndPoint(string.Create(CultureInfo.InvariantCulture, $"\0run/service-{listeners.Count}/listen.sock")));
            socket.Listen(8);
            listeners.Add(socket);
        }
    }

    /// <summary>The source and the table behind it, with the daemon's default.</summary>
    private sealed class UnixLook : IDisposable
    {
        private readonly UnixTable _table;
        private readonly UnixSource _source;
        private readonly TcpSnapshot _snapshot = new();
        private readonly ValueList<UnixSample> _rows = new();

        public UnixLook()
        {
            var pace = new ReadingPace(TimeSpan.Zero, TimeProvider.System, ThreadCpuClock.Now);
            _table = new UnixTable(Commands.ExporterOptions.DefaultUnixListenersMax, TimeSpan.FromSeconds(60), new UnixOwners("/nowhere", pace, isAwaited: true));
            _source = new UnixSource(NetNamespace.OfProcfs("/proc"), _table, pace, TimeProvider.System, CancellationToken.None);
        }

        /// <summary>One look.</summary>
        /// <returns>CPU time that it took.</returns>
        public TimeSpan Take()
        {
            var start = ThreadCpuClock.Now();
            if (!_source.Read(_snapshot).IsOk)
            {
                throw new InvalidOperationException("this kernel has no unix_diag");
            }

            _table.Observe(TimeProvider.System.GetElapsedTime(0));
            _table.CopyTo(_rows);
            return ThreadCpuClock.Now() - start;
        }

        public void Dispose() => _source.Dispose();
    }
}
