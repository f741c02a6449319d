using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;
using static TcpStatExporter.Tests.Support.Listeners;

namespace TcpStatExporter.Tests.Sampling;

/// <summary>What sweeps conclude about servers that close idle connections. The connections are computed, second by second.</summary>
public sealed class IdleClosesTests
{
    private const double Never = double.PositiveInfinity;
    private const double TimeWaitSeconds = 60;

    private readonly Random _random = new(1);

    [Theory]
    [InlineData(5, 5)]
    [InlineData(5, 20)]
    [InlineData(2, 5)]
    [InlineData(60, 5)]
    [InlineData(75, 5)]
    [InlineData(75, 50)]
    public void An_idle_timeout_shows_as_closes_after_the_same_time(double timeout, double pace)
    {
        var listener = Swept(pace, () => Server(requests: 3, response: 0.05, closeAfter: () => timeout));
        listener.IdleTimeout.ShouldBeInRange(timeout - 0.01, (timeout * 1.1) + 0.5);
        listener.IdleCloses.ShouldBeGreaterThanOrEqualTo(20);
        listener.IdleLonger.ShouldBe(0);
    }

    /// <summary>gunicorn and others look once a second.</summary>
    [Fact]
    public void A_server_that_looks_once_a_second_has_a_timeout_too() =>
        Swept(5, () => Server(requests: 2, response: 0.05, closeAfter: () => 10 + _random.NextDouble())).IdleTimeout.ShouldBeInRange(10, 11);

    [Theory]
    [InlineData(0.01)]
    [InlineData(2)]
    public void A_server_that_closes_after_each_response_has_none(double response) =>
        Swept(5, () => Server(requests: 1, response, closeAfter: () => 0.001)).IdleTimeout.ShouldBe(0);

    [Fact]
    public void Closes_after_any_time_are_none() =>
        Swept(5, () => Server(requests: 3, response: 0.05, closeAfter: () => 40 * _random.NextDouble())).IdleTimeout.ShouldBe(0);

    [Fact]
    public void A_few_closes_are_none() =>
        Swept(5, () => Server(requests: 3, response: 0.05, closeAfter: () => 5), connections: 19).IdleTimeout.ShouldBe(0);

    [Fact]
    public void Clients_that_close_first_show_none() =>
        Swept(5, () => Server(requests: 3, response: 0.05, closeAfter: () => 5) with { ClientCloses = true }).IdleTimeout.ShouldBe(0);

    [Fact]
    public void Clients_that_never_close_leave_the_socket_in_fin_wait_2()
    {
        var listener = Swept(5, () => Server(requests: 3, response: 0.05, closeAfter: () => 5) with { State = TcpState.FinWait2 }, finTimeout: 30);
        listener.IdleTimeout.ShouldBeInRange(4.99, 6);
    }

    [Fact]
    public void Connections_that_stay_idle_for_longer_are_counted()
    {
        var count = 0;
        var listener = Swept(5, () => Server(requests: 1, response: 0.05, closeAfter: () => count++ % 4 == 0 ? Never : 5));
        listener.IdleTimeout.ShouldBeInRange(4.99, 6);
        listener.IdleLonger.ShouldBeGreaterThan(30);
    }

    [Fact]
    public void A_dump_that_broke_off_counts_no_close_twice()
    {
        Swept(5, () => Server(requests: 3, response: 0.05, closeAfter: () => 5), connections: 19, isBroken: true).IdleTimeout.ShouldBe(0);
        Swept(5, () => Server(requests: 3, response: 0.05, closeAfter: () => 5), connections: 100, isBroken: true).IdleTimeout.ShouldBeInRange(4.9, 6);
    }

    /// <summary>The threshold, the timer, and what is no device's business.</summary>
    [Fact]
    public void Long_idle_connections_without_keepalive_are_counted_by_listener_and_destination()
    {
        ListenerSocket[] listening = [Socket("0.0.0.0", 80)];
        var table = Table();
        table.Observe(listening, TimeSpan.Zero, 0);
        var tally = new SweepTally();
        var sample = new SweepSample();
        tally.Begin(table.Rows(), listening, [0], new SysctlValue { Count = 2, First = 40_000, Second = 50_000 });
        var cookie = 1UL;
        Add(80, 350_000, 400_000, 350_000);
        Add(80, 349_999, 400_000, 350_000);
        Add(80, 350_000, 349_999, 350_000);
        Add(80, 350_000, 400_000, 349_999);
        Add(80, 350_000, 400_000, 350_000, timer: 2);
        Add(40_001, 999_000, 999_000, 999_000);
        Add(40_002, 999_000, 999_000, 999_000);
        Add(80, 999_000, 999_000, 999_000, remote: "127.0.0.1");
        Add(80, 999_000, 999_000, 999_000, inode: 0);
        Add(80, 999_000, 999_000, 999_000, state: TcpState.CloseWait);
        tally.End(new SysctlTable(), sample);
        (sample.HasIdle, sample.IdleWithoutKeepalive, sample.IdleLateKeepalive).ShouldBe((true, 3, 1));
        sample.Listeners[0].IdleWithoutKeepalive.ShouldBe(1);
        sample.IdlePeers.Span.ToArray().Select(peer => (peer.Peer.Text, peer.Connections)).ShouldBe([("192.0.2.1:5432", 2)]);

        void Add(ushort port, uint sent, uint received, uint acked, byte timer = 0, string remote = "192.0.2.1", ulong inode = 1, TcpState state = TcpState.Established) => tally.Add(new TcpSocket
        {
            State = state,
            LocalAddress = Ip("10.0.0.1"),
            LocalPort = port,
            RemoteAddress = Ip(remote),
            RemotePort = 5432,
            Cookie = cookie++,
            Inode = inode,
            Timer = timer,
            SinceDataSent = sent,
            SinceDataReceived = received,
            SinceAckReceived = acked,
            HasInfo = true,
            HasTraffic = true,
        });
    }

    /// <summary>One connection: requests at random intervals below its timeout, and a close after the last response.</summary>
    private Course Server(int requests, double response, Func<double> closeAfter)
    {
        var opened = 600 * _random.NextDouble();
        var times = new double[requests];
        var time = opened + 0.01;
        for (var i = 0; i < requests; i++)
        {
            times[i] = time;
            time += response + (1.5 * _random.NextDouble());
        }

        return new Course(opened, times, response, times[^1] + response + closeAfter());
    }

    /// <summary>Sweeps for eleven minutes and returns what the last sweep says of the listener.</summary>
    private static SweepListener Swept(double pace, Func<Course> make, int connections = 1000, long finTimeout = 60, bool isBroken = false)
    {
        ListenerSocket[] listening = [Socket("0.0.0.0", 80)];
        var table = Table();
        table.Observe(listening, TimeSpan.Zero, 0);
        var tally = new SweepTally();
        var sample = new SweepSample();
        var courses = Enumerable.Range(0, connections).Select(_ => make()).ToArray();
        for (var now = 0.0; now < 680; now += pace)
        {
            tally.Begin(table.Rows(), listening, [0], default, TimeSpan.FromSeconds(now), finTimeout);
            for (var pass = isBroken ? 0 : 1; pass < 2; pass++)
            {
                for (var i = 0; i < courses.Length; i++)
                {
                    if (courses[i].At(now, (ulong)(i + 1), finTimeout) is { } socket)
                    {
                        tally.Add(socket);
                    }
                }

                if (pass == 0)
                {
                    tally.Reset();
                }
            }

            tally.End(new SysctlTable(), sample);
        }

        return sample.Listeners[0];
    }

    private sealed record Course(double Opened, double[] Requests, double Response, double Closed)
    {
        public bool ClientCloses { get; init; }

        public TcpState State { get; init; } = TcpState.TimeWait;

        public TcpSocket? At(double now, ulong cookie, long finTimeout)
        {
            var lasts = State == TcpState.FinWait2 ? finTimeout : TimeWaitSeconds;
            if (now < Opened || now >= Closed + lasts || (now >= Closed && ClientCloses))
            {
                return null;
            }

            var socket = new TcpSocket { State = TcpState.Established, LocalAddress = Ip("10.0.0.1"), LocalPort = 80, RemoteAddress = Ip("192.0.2.1"), RemotePort = 50_000, Cookie = cookie };
            if (now >= Closed)
            {
                return socket with { State = State, Timer = TcpSocket.MinisocketTimer, TimerMilliseconds = (uint)((lasts - now + Closed) * 1000) };
            }

            var answered = Requests.Count(time => time + Response <= now);
            return socket with
            {
                Inode = 1,
                HasInfo = true,
                HasTraffic = true,
                BytesSent = (ulong)(100 * answered),
                SinceDataReceived = Since(Requests.LastOrDefault(time => time <= now, Opened)),
                SinceDataSent = Since(answered == 0 ? Opened : Requests[answered - 1] + Response),
            };

            uint Since(double time) => (uint)((now - time) * 1000);
        }
    }
}
