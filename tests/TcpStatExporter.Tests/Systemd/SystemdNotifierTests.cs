using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Shouldly;
using TcpStatExporter.Systemd;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Systemd;

/// <summary>Against a real datagram socket in the place of the service manager's.</summary>
public sealed class SystemdNotifierTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():N}");
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public void Dispose()
    {
        _manager.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Is_ready_once_it_serves_and_has_a_good_sample(bool isAbstract)
    {
        using var notifier = Create(Listen(isAbstract));
        notifier.Serving();
        Received().ShouldBeEmpty();
        notifier.TickCompleted(good: false);
        Received().ShouldBeEmpty();
        notifier.TickCompleted(good: true);
        Received().ShouldBe(["READY=1\nSTATUS=all is well"]);
        notifier.TickCompleted(good: true);
        notifier.Serving();
        Received().ShouldBeEmpty("once");
    }

    [Fact]
    public void Is_ready_in_the_other_order_too()
    {
        using var notifier = Create(Listen());
        notifier.TickCompleted(good: true);
        notifier.TickCompleted(good: false);
        Received().ShouldBeEmpty();
        notifier.Serving();
        Received().ShouldBe(["READY=1\nSTATUS=all is well"]);
    }

    [Fact]
    public void A_reload_begins_with_the_time_and_ends_ready()
    {
        using var notifier = Create(Listen());
        notifier.Serving();
        notifier.TickCompleted(good: true);
        Received();
        _time.Advance(TimeSpan.FromSeconds(12.5));
        var microseconds = (long)_time.GetElapsedTime(0).TotalMicroseconds;

        notifier.Reload(() => Received().ShouldBe([$"RELOADING=1\nMONOTONIC_USEC={microseconds}"]));

        Received().ShouldBe(["READY=1\nSTATUS=all is well"]);
    }

    [Fact]
    public void A_reload_makes_nothing_ready_that_was_not()
    {
        using var notifier = Create(Listen());
        notifier.Reload(() => { });
        Received().ShouldHaveSingleItem().ShouldStartWith("RELOADING=1\n");
    }

    [Fact]
    public void Feeds_the_watchdog_after_ticks_alone_and_at_its_pace()
    {
        using var notifier = Create(Listen(), watchdogMicroseconds: "9000000");
        notifier.Serving();
        _time.Advance(TimeSpan.FromMinutes(1));
        Received().ShouldBeEmpty("no tick, no sign of life");

        notifier.TickCompleted(good: false);
        Received().ShouldBe(["WATCHDOG=1"]);
        var seconds = new List<int>();
        for (var second = 1; second <= 9; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            notifier.TickCompleted(good: false);
            if (Received() is ["WATCHDOG=1"])
            {
                seconds.Add(second);
            }
        }

        seconds.ShouldBe([3, 6, 9], "a third of the time after which systemd acts");
    }

    [Fact]
    public void Feeds_the_watchdog_after_the_tick_nearest_to_its_pace()
    {
        using var notifier = Create(Listen(), watchdogMicroseconds: "3000000", interval: TimeSpan.FromSeconds(1));
        notifier.TickCompleted(good: false);
        Received().ShouldBe(["WATCHDOG=1"]);
        foreach (var seconds in (double[])[0.999, 1.001, 0.998])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            notifier.TickCompleted(good: false);
            Received().ShouldBe(["WATCHDOG=1"]);
        }
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(10, null)]
    [InlineData(10.5, 31_500_000L)]
    [InlineData(60, 180_000_000L)]
    public void Asks_a_watchdog_for_the_time_of_three_ticks(double seconds, long? asked)
    {
        using var notifier = Create(Listen(), watchdogMicroseconds: "30000000", interval: TimeSpan.FromSeconds(seconds));
        var ready = asked is null ? "READY=1\nSTATUS=all is well" : $"READY=1\nWATCHDOG_USEC={asked}\nSTATUS=all is well";
        notifier.Serving();
        notifier.TickCompleted(good: true);
        Received().ShouldBe([ready, "WATCHDOG=1"]);
        _time.Advance(TimeSpan.FromSeconds(Math.Max(seconds, 10)));
        notifier.TickCompleted(good: true);
        Received().ShouldContain("WATCHDOG=1", StringComparer.Ordinal);
        notifier.Reload(() => { });
        Received()[^1].ShouldBe(ready);
    }

    [Fact]
    public void Asks_no_watchdog_for_time_where_there_is_none()
    {
        using var notifier = Create(Listen(), interval: TimeSpan.FromMinutes(1));
        notifier.Serving();
        notifier.TickCompleted(good: true);
        Received().ShouldBe(["READY=1\nSTATUS=all is well"]);
    }

    [Fact]
    public void Says_how_it_does_now_and_then()
    {
        var written = 0;
        using var notifier = Create(Listen(), writeStatus: buffer => Encoding.UTF8.GetBytes($"line {++written}", buffer));
        notifier.Serving();
        notifier.TickCompleted(good: true);
        Received().ShouldBe(["READY=1\nSTATUS=line 1"]);
        for (var i = 0; i < 25; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            notifier.TickCompleted(good: true);
            notifier.TellStatus(isNews: false);
        }

        Received().ShouldBe(["STATUS=line 2", "STATUS=line 3"]);
        notifier.TellStatus(isNews: true);
        Received().ShouldBe(["STATUS=line 4"], "what is new is told at once");
    }

    [Fact]
    public void Says_that_it_stops()
    {
        using var notifier = Create(Listen());
        notifier.Stopping();
        Received().ShouldBe(["STOPPING=1\nSTATUS=Stopping."]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    [InlineData("relative/path")]
    [InlineData("/nowhere/at/all")]
    [InlineData("/a/path/that/is/longer/than/the/one/hundred/and/eight/bytes/that/a/unix/domain/socket/address/can/hold/in/linux")]
    public void Does_nothing_where_nobody_listens(string? address)
    {
        using var notifier = Create(address, watchdogMicroseconds: "1");
        Should.NotThrow(() =>
        {
            notifier.Serving();
            notifier.TickCompleted(good: true);
            notifier.Stopping();
        });
    }

    [Fact]
    public void Survives_the_end_of_the_service_manager()
    {
        using var notifier = Create(Listen());
        _manager.Dispose();
        notifier.Serving();
        Should.NotThrow(() => notifier.TickCompleted(good: true));
    }

    [Fact]
    public void Survives_a_tick_after_its_own_end()
    {
        var notifier = Create(Listen(), watchdogMicroseconds: "1");
        notifier.Dispose();
        Should.NotThrow(() => notifier.TickCompleted(good: true));
    }

    [Fact]
    public void A_service_manager_that_does_not_read_holds_no_tick_up_for_long()
    {
        using var notifier = Create(Listen(), watchdogMicroseconds: "1");
        var maxQueue = int.Parse(File.ReadAllText("/proc/sys/net/unix/max_dgram_qlen"), CultureInfo.InvariantCulture);
        for (var i = 0; i <= maxQueue; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            notifier.TickCompleted(good: false);
        }

        var watch = Stopwatch.StartNew();
        _time.Advance(TimeSpan.FromSeconds(1));
        notifier.TickCompleted(good: false);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        Received().Count.ShouldBeInRange(1, maxQueue + 1);
    }

    [Theory]
    [InlineData("30000000", null, 10)]
    [InlineData("30000000", "", 10)]
    [InlineData("30000000", "own", 10)]
    [InlineData("30000000", "1", null)] // another process is watched
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void Knows_the_pace_of_the_watchdog(string? microseconds, string? pid, int? seconds) =>
        SystemdNotifier.WatchdogPace(name => name switch
        {
            "WATCHDOG_USEC" => microseconds,
            "WATCHDOG_PID" => pid == "own" ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) : pid,
            _ => null,
        }).ShouldBe(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));

    private SystemdNotifier Create(
        string? address, string? watchdogMicroseconds = null, Func<Span<byte>, int>? writeStatus = null, TimeSpan interval = default) =>
        new(
            name => name switch
            {
                "NOTIFY_SOCKET" => address,
                "WATCHDOG_USEC" => watchdogMicroseconds,
                _ => null,
            },
            _time,
            writeStatus ?? (static buffer => Encoding.UTF8.GetBytes("all is well", buffer)),
            interval);

    private string Listen(bool isAbstract = false)
    {
        _manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + _path : _path));
        return isAbstract ? '@' + _path : _path;
    }

    /// <summary>A datagram is there as soon as send(2) has returned.</summary>
    private List<string> Received()
    {
        var messages = new List<string>();
        var buffer = new byte[1024];
        while (_manager.Poll(0, SelectMode.SelectRead))
        {
            messages.Add(Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer)));
        }

        return messages;
    }
}
