using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Systemd;

/// <summary>
/// Reports the daemon's state to systemd. READY=1 once it listens and has a good sample. WATCHDOG=1 only after a completed
/// tick, so a hung sampler is restarted. STATUS= for systemctl status. RELOADING=1 while it reloads. STOPPING=1 at the end.
/// If the watchdog could expire between two ticks, it asks for more time (WATCHDOG_USEC=, sd_notify(3)).
/// <para>
/// It has its own thread, because a service manager that does not read its socket blocks the sender. The host's lifetime also
/// sends its notifications to this service, which passes each one on once it is true.
/// </para>
/// </summary>
internal sealed class SystemdService : ThreadService, ISystemdNotifier
{
    /// <summary>The watchdog acts after this many missed keep-alives.</summary>
    private const int SignsMissed = 3;

    private static readonly ServiceState WatchdogState = new("WATCHDOG=1");
    private static readonly ServiceState StoppingState = new($"{ServiceState.Stopping}\nSTATUS=Stopping.");
    private static readonly TimeSpan StatusPace = TimeSpan.FromSeconds(10);

    private readonly ISystemdNotifier _manager;
    private readonly SampleStore _store;
    private readonly TimeProvider _time;
    private readonly Func<string> _status;
    private readonly TimeSpan? _watchdogPace;
    private readonly string _ready = ServiceState.Ready.ToString();
    private readonly AutoResetEvent _news = new(initialState: false);
    private readonly Lock _lock = new();

    // to be reported; under the lock
    private bool _isListening;
    private bool _hasTicked;
    private bool _hasVerdict;
    private bool _isStopping;
    private bool _isReloaded;
    private string? _reloadingSince;

    // already reported; only used on the thread
    private bool _isReady;
    private long _lastWatchdog;
    private long _lastStatus;

    /// <summary>Creates the service. Nothing runs until it is started.</summary>
    /// <param name="manager">Sends one message to the service manager.</param>
    /// <param name="store">Where ticks are published.</param>
    /// <param name="time">The clock.</param>
    /// <param name="status">Builds the line for systemctl status.</param>
    /// <param name="environment">Reads an environment variable: WATCHDOG_USEC, WATCHDOG_PID.</param>
    /// <param name="interval">
    /// Time between ticks. If the watchdog would expire within three of them, this service asks for that time instead.
    /// </param>
    public SystemdService(
        ISystemdNotifier manager, SampleStore store, TimeProvider time, Func<string> status, Func<string, string?> environment, TimeSpan interval = default)
        : base("systemd")
    {
        _manager = manager;
        _store = store;
        _time = time;
        _status = status;
        _watchdogPace = WatchdogPace(environment);
        if (_watchdogPace < interval)
        {
            _watchdogPace = interval;
            var microseconds = (long)(SignsMissed * interval).TotalMicroseconds;
            _ready += $"\nWATCHDOG_USEC={microseconds.ToString(CultureInfo.InvariantCulture)}";
        }

        // ticks are slightly early or late: take the one closest to the interval, not the first one after it
        _watchdogPace -= interval / 2;
        store.Ticked += OnTick;
    }

    /// <inheritdoc/>
    public bool IsEnabled => _manager.IsEnabled;

    /// <inheritdoc/>
    protected override TimeSpan Patience => TimeSpan.Zero;

    /// <summary>Returns how often systemd expects a keep-alive: a third of its timeout. Null if no watchdog is set.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static TimeSpan? WatchdogPace(Func<string, string?> environment)
    {
        var pid = environment("WATCHDOG_PID");
        var isOurs = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isOurs && long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds) / SignsMissed
            : null;
    }

    /// <summary>
    /// Receives notifications from the host's lifetime: all parts have started (so it listens), or it is stopping.
    /// </summary>
    /// <inheritdoc/>
    public void Notify(ServiceState state)
    {
        var news = state.ToString();
        lock (_lock)
        {
            _isListening |= news == ServiceState.Ready.ToString();
            _isStopping |= news == ServiceState.Stopping.ToString();
        }

        _news.Set();
    }

    /// <summary>Sends the status again, because the verdict has changed.</summary>
    public void TellVerdict()
    {
        lock (_lock)
        {
            _hasVerdict = true;
        }

        _news.Set();
    }

    /// <summary>Reloads, and tells systemd when the reload starts and ends.</summary>
    /// <param name="reload">The reload itself.</param>
    public void Reload(Action reload)
    {
        // TimeProvider.System's timestamps are CLOCK_MONOTONIC, which systemd uses to tell this reload from an older one
        var microseconds = _time.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMicrosecond;
        lock (_lock)
        {
            _reloadingSince = microseconds.ToString(CultureInfo.InvariantCulture);
            _isReloaded = false;
        }

        _news.Set();
        reload();
        lock (_lock)
        {
            _isReloaded = true;
        }

        _news.Set();
    }

    /// <summary>Sends systemd everything that is new.</summary>
    /// <returns>False if that was the last message: the daemon is stopping.</returns>
    internal bool Tell()
    {
        bool isListening, hasTicked, hasVerdict, isStopping, isReloaded;
        string? reloadingSince;
        lock (_lock)
        {
            (isListening, isStopping) = (_isListening, _isStopping);
            (hasTicked, _hasTicked) = (_hasTicked, false);
            (hasVerdict, _hasVerdict) = (_hasVerdict, false);
            (isReloaded, _isReloaded) = (_isReloaded, false);
            (reloadingSince, _reloadingSince) = (_reloadingSince, null);
        }

        if (isStopping)
        {
            Send(StoppingState);
            return false;
        }

        if (reloadingSince is not null)
        {
            Send(new ServiceState($"RELOADING=1\nMONOTONIC_USEC={reloadingSince}"));
        }

        // a reload before the first READY does not make it ready
        if (_isReady ? isReloaded : isListening && _store.Age(_time) is not null)
        {
            _isReady = true;
            _lastStatus = _time.GetTimestamp();
            Send(new ServiceState($"{_ready}\nSTATUS={_status()}"));
        }

        if (hasTicked && _watchdogPace is { } pace && IsTime(ref _lastWatchdog, pace))
        {
            Send(WatchdogState);
        }

        if (_isReady && (IsTime(ref _lastStatus, StatusPace) || hasVerdict))
        {
            _lastStatus = _time.GetTimestamp();
            Send(new ServiceState($"STATUS={_status()}"));
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void Run(CancellationToken stopping)
    {
        WaitHandle[] either = [stopping.WaitHandle, _news];
        while (Tell())
        {
            // a stalled sampler sends no updates, and its last verdict must not stay
            if (WaitHandle.WaitAny(either, StatusPace) == 0)
            {
                Tell();
                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnDisposed()
    {
        _store.Ticked -= OnTick;
        _news.Dispose();
    }

    /// <summary>Runs on the sampling thread. Must not block.</summary>
    private void OnTick(object? sender, EventArgs e)
    {
        lock (_lock)
        {
            _hasTicked = true;
        }

        _news.Set();
    }

    private void Send(ServiceState state)
    {
        try
        {
            _manager.Notify(state);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // nobody is listening: a service manager that does not read, or a NOTIFY_SOCKET that is not a path
        }
    }

    private bool IsTime(ref long last, TimeSpan pace)
    {
        var now = _time.GetTimestamp();
        if (last != 0 && _time.GetElapsedTime(last, now) < pace)
        {
            return false;
        }

        last = now;
        return true;
    }
}
