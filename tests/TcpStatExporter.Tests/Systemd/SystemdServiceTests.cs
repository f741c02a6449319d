using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Shouldly;
using TcpStatExporter.Sampling;
using TcpStatExporter.Systemd;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Systemd;

/// <summary>What is sent to a fake service manager. The daemon's own tests use a real socket and a real systemd.</summary>
public sealed class SystemdServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _time = new();
    private readonly Manager _manager = new();
    private readonly SampleStore _store;
    private readonly NamespaceSample _sample = new();

    public SystemdServiceTests() => _store = new SampleStore(_time, Patience);

    [Fact]
    public void Is_ready_once_it_listens_and_has_a_good_sample()
    {
        using var service = Create();
        service.Notify(ServiceState.Ready);
        Told(service).ShouldBeEmpty();
        Tick(good: false);
        Told(service).ShouldBeEmpty();
        Tick();
        Told(service).ShouldBe(["READY=1\nSTATUS=all is well"]);
        Tick();
        service.Notify(ServiceState.Ready);
        Told(service).ShouldBeEmpty("once");
    }

    [Fact]
    public void Is_ready_in_the_other_order_too()
    {
        using var service = Create();
        Tick();
        Tick(good: false);
        Told(service).ShouldBeEmpty();
        service.Notify(ServiceState.Ready);
        Told(service).ShouldBe(["READY=1\nSTATUS=all is well"]);
    }

    [Fact]
    public void A_reload_begins_with_the_time_and_ends_ready()
    {
        using var service = Create();
        MakeReady(service);
        _time.Advance(TimeSpan.FromSeconds(2.5));
        var microseconds = (long)_time.GetElapsedTime(0).TotalMicroseconds;

        service.Reload(() => Told(service).ShouldBe([$"RELOADING=1\nMONOTONIC_USEC={microseconds}"]));

        Told(service).ShouldBe(["READY=1\nSTATUS=all is well"]);
    }

    [Fact]
    public void A_reload_that_ends_before_it_was_reported_is_reported_in_order()
    {
        using var service = Create();
        MakeReady(service);
        service.Reload(() => { });
        var told = Told(service);
        told.Count.ShouldBe(2);
        told[0].ShouldStartWith("RELOADING=1\nMONOTONIC_USEC=");
        told[1].ShouldBe("READY=1\nSTATUS=all is well");
    }

    [Fact]
    public void A_reload_does_not_make_it_ready()
    {
        using var service = Create();
        service.Reload(() => { });
        Told(service).ShouldHaveSingleItem().ShouldStartWith("RELOADING=1\n");
    }

    [Fact]
    public void Notifies_the_watchdog_only_after_ticks_and_at_its_interval()
    {
        using var service = Create(watchdogMicroseconds: "9000000");
        service.Notify(ServiceState.Ready);
        _time.Advance(TimeSpan.FromMinutes(1));
        Told(service).ShouldBeEmpty("no tick, no sign of life");

        Tick(good: false);
        Told(service).ShouldBe(["WATCHDOG=1"]);
        var seconds = new List<int>();
        for (var second = 1; second <= 9; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            service.TellVerdict();
            Told(service).ShouldBeEmpty("a verdict is no tick");
            Tick(good: false);
            if (Told(service) is ["WATCHDOG=1"])
            {
                seconds.Add(second);
            }
        }

        seconds.ShouldBe([3, 6, 9], "a third of the time after which systemd acts");
    }

    [Fact]
    public void Notifies_the_watchdog_after_the_tick_closest_to_its_interval()
    {
        using var service = Create(watchdogMicroseconds: "3000000", interval: TimeSpan.FromSeconds(1));
        Tick(good: false);
        Told(service).ShouldBe(["WATCHDOG=1"]);
        foreach (var seconds in (double[])[0.999, 1.001, 0.998])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Tick(good: false);
            Told(service).ShouldBe(["WATCHDOG=1"]);
        }
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(10, null)]
    [InlineData(10.5, 31_500_000L)]
    [InlineData(60, 180_000_000L)]
    public void Asks_the_watchdog_for_the_time_of_three_ticks(double seconds, long? asked)
    {
        using var service = Create(watchdogMicroseconds: "30000000", interval: TimeSpan.FromSeconds(seconds));
        var ready = asked is null ? "READY=1\nSTATUS=all is well" : $"READY=1\nWATCHDOG_USEC={asked}\nSTATUS=all is well";
        service.Notify(ServiceState.Ready);
        Tick();
        Told(service).ShouldBe([ready, "WATCHDOG=1"]);
        _time.Advance(TimeSpan.FromSeconds(Math.Max(seconds, 10)));
        Tick();
        Told(service).ShouldContain("WATCHDOG=1", StringComparer.Ordinal);
        service.Reload(() => { });
        Told(service)[^1].ShouldBe(ready);
    }

    [Fact]
    public void Asks_for_no_time_without_a_watchdog()
    {
        using var service = Create(interval: TimeSpan.FromMinutes(1));
        service.Notify(ServiceState.Ready);
        Tick();
        Told(service).ShouldBe(["READY=1\nSTATUS=all is well"]);
    }

    [Fact]
    public void Sends_its_status_from_time_to_time()
    {
        var written = 0;
        using var service = Create(status: () => $"line {++written}");
        service.Notify(ServiceState.Ready);
        Tick();
        Told(service).ShouldBe(["READY=1\nSTATUS=line 1"]);
        var told = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Tick();
            told.AddRange(Told(service));
        }

        told.ShouldBe(["STATUS=line 2", "STATUS=line 3"]);
        service.TellVerdict();
        Told(service).ShouldBe(["STATUS=line 4"], "a new verdict is told at once");
    }

    [Fact]
    public void Sends_STOPPING_and_nothing_afterwards()
    {
        using var service = Create(watchdogMicroseconds: "1");
        MakeReady(service);
        Tick();
        service.Notify(ServiceState.Stopping);
        service.Tell().ShouldBeFalse();
        _manager.Told.ShouldBe(["STOPPING=1\nSTATUS=Stopping."]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_missing_service_manager_is_not_an_error(bool isSocketGone)
    {
        using var service = Create(watchdogMicroseconds: "1");
        _manager.Failure = isSocketGone ? new SocketException((int)SocketError.ConnectionRefused) : new ArgumentException("no path", nameof(isSocketGone));
        service.Notify(ServiceState.Ready);
        Tick();
        service.Tell().ShouldBeTrue();
        _manager.Calls.ShouldBe(2);
    }

    [Fact]
    public async Task The_thread_sends_in_order_and_ends_with_the_last_message()
    {
        using var service = Create();
        await service.StartAsync(CancellationToken.None);
        Tick();
        service.Notify(ServiceState.Ready);
        SpinWait.SpinUntil(() => _manager.Told.Count == 1, Patience).ShouldBeTrue();
        service.Notify(ServiceState.Stopping);
        await service.StopAsync(CancellationToken.None);
        _manager.Told.ShouldBe(["READY=1\nSTATUS=all is well", "STOPPING=1\nSTATUS=Stopping."]);
    }

    [Fact]
    public async Task The_status_is_sent_again_even_without_ticks()
    {
        using var service = Create();
        service.Notify(ServiceState.Ready);
        Tick();
        await service.StartAsync(CancellationToken.None);
        SpinWait.SpinUntil(() => _manager.Told.Count == 1, Patience).ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(10));
        SpinWait.SpinUntil(() => _manager.Told.Count == 2, Patience).ShouldBeTrue();
        _manager.Told.ShouldBe(["READY=1\nSTATUS=all is well", "STATUS=all is well"]);

        service.Notify(ServiceState.Stopping);
        await service.StopAsync(CancellationToken.None);
    }

    /// <summary>Runs on a separate thread: a tick that waited for the manager would wait forever.</summary>
    [Fact]
    public async Task A_service_manager_that_does_not_read_delays_neither_ticks_nor_shutdown()
    {
        using var held = new ManualResetEventSlim();
        var service = Create(watchdogMicroseconds: "1");
        _manager.Held = held;
        await service.StartAsync(CancellationToken.None);
        Tick();
        SpinWait.SpinUntil(() => _manager.Calls == 1, Patience).ShouldBeTrue("it is stuck in a message");

        var allocated = -1L;
        var thread = new Thread(TickAndEnd) { IsBackground = true };
        thread.Start();
        thread.Join(Patience).ShouldBeTrue();
        allocated.ShouldBe(0);
        _manager.Calls.ShouldBe(1);
        held.Set();
        await service.ExecuteTask!.WaitAsync(Patience);
        _manager.Told.ShouldBe(["WATCHDOG=1", "STOPPING=1\nSTATUS=Stopping."]);

        void TickAndEnd()
        {
            allocated = Allocated.By(() =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    Tick();
                }
            });
            service.Notify(ServiceState.Stopping);
            service.StopAsync(new CancellationToken(canceled: true)).Wait();
            service.Dispose();
        }
    }

    [Theory]
    [InlineData("30000000", null, 10)]
    [InlineData("30000000", "", 10)]
    [InlineData("30000000", "own", 10)]
    [InlineData("30000000", "1", null)] // the watchdog is for another process
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void Knows_the_interval_of_the_watchdog(string? microseconds, string? pid, int? seconds) =>
        SystemdService.WatchdogPace(name => name switch
        {
            "WATCHDOG_USEC" => microseconds,
            "WATCHDOG_PID" => pid == "own" ? Environment.ProcessId.ToString(CultureInfo.InvariantCulture) : pid,
            _ => null,
        }).ShouldBe(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));

    private SystemdService Create(string? watchdogMicroseconds = null, Func<string>? status = null, TimeSpan interval = default) => new(
        _manager,
        _store,
        _time,
        status ?? (static () => "all is well"),
        name => name == "WATCHDOG_USEC" ? watchdogMicroseconds : null,
        interval);

    private void MakeReady(SystemdService service)
    {
        service.Notify(ServiceState.Ready);
        Tick();
        service.Tell().ShouldBeTrue();
        _manager.Told.Clear();
    }

    private void Tick(bool good = true)
    {
        _sample.Samples++;
        _store.Publish(_sample, good ? _time.GetTimestamp() : null);
    }

    private List<string> Told(SystemdService service)
    {
        service.Tell().ShouldBeTrue();
        var told = _manager.Told.ToList();
        _manager.Told.Clear();
        return told;
    }

    private sealed class Manager : ISystemdNotifier
    {
        private int _calls;

        public ConcurrentQueue<string> Told { get; } = new();

        public int Calls => Volatile.Read(ref _calls);

        public Exception? Failure { get; set; }

        public ManualResetEventSlim? Held { get; set; }

        public bool IsEnabled => true;

        public void Notify(ServiceState state)
        {
            Interlocked.Increment(ref _calls);
            Held?.Wait();
            if (Failure is not null)
            {
                throw Failure;
            }

            Told.Enqueue(state.ToString());
        }
    }
}
