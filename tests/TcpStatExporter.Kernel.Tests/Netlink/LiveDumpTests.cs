using System.Diagnostics;
using System.Net;
using Shouldly;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Kernel.Tests.SockDiag;
using Xunit;
using EveryState = TcpStatExporter.Testing.Lab.EveryState;
using KernelSocket = TcpStatExporter.Testing.Lab.KernelSocket;
using LabNamespace = TcpStatExporter.Testing.Lab.NetNamespace;

namespace TcpStatExporter.Kernel.Tests.Netlink;

/// <summary>The netlink source compared with the running kernel and ss(8), in namespaces with the tests' own sockets.</summary>
public class LiveDumpTests
{
    private static readonly TcpState[] States = [.. Enum.GetValues<TcpState>().Where(s => s is >= TcpState.Established and <= TcpState.Closing)];

    [Fact]
    public void Derived_states_match_a_full_dump_and_ss()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            using var netlink = Open();
            var derived = Derive(netlink, out var filtered);
            var full = Dump(netlink, InetDiagRequest.Full);
            var ss = CountBySs(space);

            derived.Disagreement.ShouldBe(0);
            derived.Holds.ShouldBeTrue();
            foreach (var state in States)
            {
                derived.States[state].ShouldBe(full.States[state], state.ToString());
                derived.States[state].ShouldBe(ss.GetValueOrDefault(state), state.ToString());
                derived.States[state].ShouldBe(sockets.Expected[state], state.ToString());
            }

            filtered.States[TcpState.Established].ShouldBe(0);
            filtered.FinWait2Minisockets.ShouldBe(sockets.FinWait2Minisockets);
            (filtered.States[TcpState.FinWait2] > filtered.FinWait2Minisockets).ShouldBeTrue("a full socket in FIN_WAIT2");
            filtered.CloseWaitUnaccepted.ShouldBe(sockets.CloseWaitUnaccepted);
            filtered.RequestSockets.ShouldBe(sockets.Requests);
            filtered.SynQueues.Span.ToArray().Select(q => (q.Address.ToString(), (int)q.Port, q.Length)).ShouldBe(
                sockets.HalfOpen.Select(listener => (listener.Address.ToString(), listener.Port, listener.Length)),
                ignoreOrder: true);
        });
    }

    [Fact]
    public void Listeners_have_length_limit_and_drops()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            using var netlink = Open();
            var full = sockets.Listen(IPAddress.Loopback, backlog: 1);
            using var one = KernelSocket.Connected(full.LocalEndPoint);
            using var two = KernelSocket.Connected(full.LocalEndPoint);

            var unheard = sockets.Unheard;
            var listeners = Dump(netlink, InetDiagRequest.Listeners);

            var deaf = Find(listeners, sockets.Deaf.LocalEndPoint.Port);
            (deaf.QueueLength, deaf.QueueLimit).ShouldBe((0u, (uint)EveryState.Backlog));
            deaf.Drops.ShouldBeInRange(unheard, sockets.Unheard);
            var queue = Find(listeners, full.LocalEndPoint.Port);
            (queue.QueueLength, queue.QueueLimit, queue.Drops).ShouldBe((2u, 1u, 0u));
            (queue.HasLimit, queue.HasDrops).ShouldBe((true, true));
            queue.Cookie.ShouldNotBe(0ul);
            queue.CgroupId.ShouldNotBe(0ul);
            listeners.States.Total.ShouldBe(listeners.Listeners.Count);
        });
    }

    [Fact]
    public void The_user_nobody_without_capabilities_sees_the_same()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            using var asRoot = Open();
            var expected = Dump(asRoot, InetDiagRequest.Full);

            Namespace.BecomeNobody();
            using var asNobody = Open();
            var seen = Dump(asNobody, InetDiagRequest.Full);
            var derived = Derive(asNobody, out SocketTally _);

            foreach (var state in States)
            {
                seen.States[state].ShouldBe(expected.States[state], state.ToString());
                derived.States[state].ShouldBe(expected.States[state], state.ToString());
            }

            // the client whose SYNs are dropped may have retried in between
            var drops = Find(expected, sockets.Deaf.LocalEndPoint.Port).Drops;
            Find(seen, sockets.Deaf.LocalEndPoint.Port).Drops.ShouldBeInRange(drops, sockets.Unheard);
            WithoutDrops(seen).ShouldBe(WithoutDrops(expected));
        });
    }

    [Fact]
    public void Under_churn_the_self_check_holds_and_a_sample_equals_nearby_full_dumps()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            using var netlink = Open();
            var server = sockets.Listen(IPAddress.Loopback, backlog: 128);
            using var stop = new CancellationTokenSource();
            long connections = 0;
            var churn = new Thread(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using var client = KernelSocket.Connected(server.LocalEndPoint);
                    using var accepted = server.Accept();
                    Interlocked.Increment(ref connections);
                }
            });
            churn.Start();
            try
            {
                long largest = 0;

                // half of the life of a TIME_WAIT socket: none of them expires meanwhile
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; (i < 60 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30)) || Interlocked.Read(ref connections) <= 100; i++)
                {
                    var before = Dump(netlink, InetDiagRequest.Full).States[TcpState.TimeWait];
                    var derived = Derive(netlink, out SocketTally _);
                    var after = Dump(netlink, InetDiagRequest.Full).States[TcpState.TimeWait];
                    derived.Holds.ShouldBeTrue($"disagreement {derived.Disagreement}");
                    // a connection may close between two of the reads
                    derived.States[TcpState.TimeWait].ShouldBeInRange(before - 2, after + 2);
                    largest = Math.Max(largest, Math.Abs(derived.Disagreement));
                }

                largest.ShouldBeLessThan(StateDerivation.AbsoluteTolerance / 2);
            }
            finally
            {
                stop.Cancel();
                churn.Join();
            }
        });
    }

    [Fact]
    public void A_socket_serves_the_namespace_it_was_opened_in()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            using var netlink = Open();
            var expected = Dump(netlink, InetDiagRequest.Listeners).Listeners.Count;
            var seen = 0;
            var elsewhere = new Thread(() => Namespace.Run(_ => seen = Dump(netlink, InetDiagRequest.Listeners).Listeners.Count));
            elsewhere.Start();
            elsewhere.Join();
            seen.ShouldBe(expected);
        });
    }

    [Fact]
    public void An_abandoned_dump_keeps_only_its_own_socket_busy()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            for (var i = 0; i < 400; i++)
            {
                // enough rows for several datagrams
                sockets.Listen(IPAddress.Loopback, backlog: 1);
            }

            using var netlink = Open();
            var expected = Dump(netlink, InetDiagRequest.Full).States.Total;
            var one = default(StopAtOnce);
            netlink.Dump(InetDiagRequest.Full, ref one).IsOk.ShouldBeTrue();
            netlink.HasUnreadReply.ShouldBeTrue();

            var refused = netlink.Dump(InetDiagRequest.Full, ref one);
            (refused.IsOk, refused.Errno, netlink.HasUnreadReply).ShouldBe((false, Errno.EBUSY, true));
            using var another = Open();
            Dump(another, InetDiagRequest.Full).States.Total.ShouldBe(expected);
        });
    }

    [Fact]
    public void A_dump_allocates_nothing()
    {
        Namespace.Run(space =>
        {
            using var sockets = new EveryState(space);
            using var netlink = Open();
            var tally = new SocketTally(hasLimit: true);
            var visitor = new SocketTally.Visitor(tally);
            var sockstat = Namespace.ReadSockstat();
            void DumpAll()
            {
                for (var i = 0; i < 100; i++)
                {
                    tally.Reset();
                    var dump = netlink.Dump(InetDiagRequest.Filtered, ref visitor);
                    var derived = StateDerivation.Derive(tally, 10, in sockstat);
                    (dump.IsOk && derived.States.Total > 0).ShouldBeTrue();
                }
            }

            DumpAll();
            Allocated.By(DumpAll).ShouldBe(0);
        });
    }

    internal static NetlinkSocket Open()
    {
        var opened = NetlinkSocket.TryOpen(out var socket, out _, out var errno);
        Assert.SkipUnless(opened, $"NETLINK_SOCK_DIAG is refused here, errno {errno}");
        return socket!;
    }

    internal static SocketTally Dump(NetlinkSocket netlink, InetDiagRequest request)
    {
        var tally = new SocketTally(hasLimit: true);
        var visitor = new SocketTally.Visitor(tally);
        var result = netlink.Dump(in request, ref visitor);
        result.Result.ShouldBe(ReadResult.Ok);
        return tally;
    }

    private static DerivedStates Derive(NetlinkSocket netlink, out SocketTally filtered)
    {
        var currEstab = Namespace.ReadCurrEstab();
        var sockstat = Namespace.ReadSockstat();
        filtered = Dump(netlink, InetDiagRequest.Filtered);
        return StateDerivation.Derive(filtered, currEstab, in sockstat);
    }

    private static ListenerSocket[] WithoutDrops(SocketTally tally) =>
        Array.ConvertAll(tally.Listeners.Span.ToArray(), listener => listener with { Drops = 0 });

    private static ListenerSocket Find(SocketTally tally, int port) => tally.Listeners.Span.ToArray().Single(l => l.Port == port);

    private static Dictionary<TcpState, long> CountBySs(LabNamespace space) => space.Exec("ss", "-Htan").Checked()
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .GroupBy(line => SsLine.ParseState(line.Split(' ')[0]))
        .ToDictionary(group => group.Key, group => group.LongCount());

    private readonly struct StopAtOnce : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket) => false;
    }
}
