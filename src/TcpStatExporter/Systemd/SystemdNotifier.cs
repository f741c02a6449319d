using System.Globalization;
using System.Text;

namespace TcpStatExporter.Systemd;

/// <summary>
/// Tells systemd how the daemon does: READY=1 once it serves and has a good sample, WATCHDOG=1 only after a completed
/// tick, so that a hung sampler is restarted, STATUS= for systemctl status, RELOADING=1 while it reloads, STOPPING=1 at
/// the end. A watchdog that would act between two ticks is asked for more time (WATCHDOG_USEC=, sd_notify(3)). Without
/// systemd it does nothing.
/// </summary>
internal sealed class SystemdNotifier : IDisposable
{
    /// <summary>The watchdog acts after this many signs of life that did not come.</summary>
    private const int SignsMissed = 3;

    private static readonly TimeSpan StatusPace = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly NotifySocket? _socket;
    private readonly TimeProvider _time;
    private readonly Func<Span<byte>, int> _writeStatus;
    private readonly TimeSpan? _watchdogPace;
    private readonly byte[] _readyLines;
    private readonly byte[] _buffer = new byte[512];
    private bool _serving;
    private bool _hasSample;
    private bool _ready;
    private long _lastWatchdog;
    private long _lastStatus;

    /// <summary>Connects to the service manager that the environment names.</summary>
    /// <param name="environment">Reads an environment variable: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="writeStatus">Writes one line in UTF-8 for systemctl status, and returns its length.</param>
    /// <param name="interval">Time between ticks: a watchdog that would act within three of them is asked for that time.</param>
    public SystemdNotifier(Func<string, string?> environment, TimeProvider time, Func<Span<byte>, int> writeStatus, TimeSpan interval = default)
    {
        _time = time;
        _writeStatus = writeStatus;
        _socket = NotifySocket.Connect(environment("NOTIFY_SOCKET"));
        _watchdogPace = WatchdogPace(environment);
        _readyLines = "READY=1\n"u8.ToArray();
        if (_watchdogPace < interval)
        {
            _watchdogPace = interval;
            var microseconds = (long)(SignsMissed * interval).TotalMicroseconds;
            _readyLines = Encoding.ASCII.GetBytes($"READY=1\nWATCHDOG_USEC={microseconds.ToString(CultureInfo.InvariantCulture)}\n");
        }

        // ticks come a moment early or late: the one nearest to the pace, not the first after it
        _watchdogPace -= interval / 2;
    }

    /// <summary>How often systemd is to hear of us: a third of the time after which it would act; null where no watchdog is set.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static TimeSpan? WatchdogPace(Func<string, string?> environment)
    {
        var pid = environment("WATCHDOG_PID");
        var isOurs = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isOurs && long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds) / SignsMissed
            : null;
    }

    /// <summary>The web server listens.</summary>
    public void Serving()
    {
        lock (_lock)
        {
            _serving = true;
            BecomeReady();
        }
    }

    /// <summary>A tick was completed.</summary>
    /// <param name="good">At least one source was read.</param>
    public void TickCompleted(bool good)
    {
        if (_socket is null)
        {
            return;
        }

        lock (_lock)
        {
            _hasSample |= good;
            BecomeReady();
            if (_watchdogPace is { } pace && IsTime(ref _lastWatchdog, pace))
            {
                _socket.Send("WATCHDOG=1"u8);
            }
        }
    }

    /// <summary>Tells the status anew where it is time, or at once where it says something else.</summary>
    /// <param name="isNews">It says something else.</param>
    public void TellStatus(bool isNews)
    {
        if (_socket is null)
        {
            return;
        }

        lock (_lock)
        {
            if (_ready && (IsTime(ref _lastStatus, StatusPace) || isNews))
            {
                _lastStatus = _time.GetTimestamp();
                SendStatus(""u8);
            }
        }
    }

    /// <summary>Reloads, and lets systemd know when that begins and ends.</summary>
    /// <param name="reload">What there is to do.</param>
    public void Reload(Action reload)
    {
        // TimeProvider.System's timestamps are CLOCK_MONOTONIC, by which systemd tells this reload from an older one
        var microseconds = _time.GetElapsedTime(0).Ticks / TimeSpan.TicksPerMicrosecond;
        lock (_lock)
        {
            _socket?.Send(Encoding.ASCII.GetBytes($"RELOADING=1\nMONOTONIC_USEC={microseconds.ToString(CultureInfo.InvariantCulture)}"));
        }

        reload();
        lock (_lock)
        {
            // a reload before it was ever ready makes it no readier
            if (_ready)
            {
                SendStatus(_readyLines);
            }
        }
    }

    /// <summary>The daemon is about to end.</summary>
    public void Stopping()
    {
        lock (_lock)
        {
            _socket?.Send("STOPPING=1\nSTATUS=Stopping."u8);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private void BecomeReady()
    {
        if (_ready || !_serving || !_hasSample)
        {
            return;
        }

        _ready = true;
        _lastStatus = _time.GetTimestamp();
        SendStatus(_readyLines);
    }

    private void SendStatus(ReadOnlySpan<byte> before)
    {
        var buffer = _buffer.AsSpan();
        before.CopyTo(buffer);
        "STATUS="u8.CopyTo(buffer[before.Length..]);
        var length = before.Length + "STATUS="u8.Length;
        length += _writeStatus(buffer[length..]);
        _socket?.Send(buffer[..length]);
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
