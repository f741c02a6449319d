using System.Runtime.InteropServices;
using TcpStatExporter.Host;
using TcpStatExporter.Sampling;
using TcpStatExporter.View;

namespace TcpStatExporter.Top;

/// <summary>
/// The live screen on the terminal of this process. It draws on the alternate screen and restores the terminal, however it
/// ends.
/// </summary>
internal sealed class TopSession : IDisposable
{
    private const byte ControlZ = 26;
    private const int SignalExit = 128;

    /// <summary>
    /// SIGCONT and SIGTSTP by number. The framework restricts their names to some platforms, but this is always Linux.
    /// </summary>
    private const PosixSignal Continue = (PosixSignal)18;
    private const PosixSignal Stop = (PosixSignal)20;

    /// <summary>Switches to the alternate screen and hides the cursor.</summary>
    private static readonly byte[] EnterScreen = "\e[?1049h\e[?25l\e[0m\e[2J"u8.ToArray();

    /// <summary>
    /// Switches back and resets the keys: the runtime's console enables application cursor keys and never disables them.
    /// </summary>
    private static readonly byte[] LeaveScreen = "\e[0m\e[?1l\e>\e[?25h\e[?1049l"u8.ToArray();

    /// <summary>Short enough that keys, signals and resizes seem to act at once.</summary>
    private static readonly TimeSpan KeyWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Minimum time between two searches for the processes of new listeners. Each search reads all processes.</summary>
    private static readonly TimeSpan ProcessPace = TimeSpan.FromSeconds(10);

    private readonly Terminal _terminal;
    private readonly SampleStore _store;
    private readonly ViewReader _views;
    private readonly Action _findProcesses;
    private readonly TimeProvider _time;
    private readonly TopScreen _screen;
    private readonly Painter _painter;
    private readonly PosixSignalRegistration[] _signals;
    private readonly TopState _state = new();
    private int _isEntered;
    private int _isContinued;
    private int _isToStop;
    private int _signal;

    /// <summary>Takes over the terminal.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="store">Where samples are published.</param>
    /// <param name="views">Builds views.</param>
    /// <param name="findProcesses">Names the processes of listeners whose unit is unknown.</param>
    /// <param name="time">The clock.</param>
    /// <param name="screen">Composes the screen.</param>
    /// <param name="painter">Converts lines to bytes.</param>
    public TopSession(Terminal terminal, SampleStore store, ViewReader views, Action findProcesses, TimeProvider time, TopScreen screen, Painter painter)
    {
        _terminal = terminal;
        _store = store;
        _views = views;
        _findProcesses = findProcesses;
        _time = time;
        _screen = screen;
        _painter = painter;

        // before taking over the terminal: the runtime saves the current settings as those to restore at exit
        _signals =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal)),
            PosixSignalRegistration.Create(Continue, OnContinue),
            PosixSignalRegistration.Create(Stop, OnStop),
        ];

        // another thread may throw, and then no finally block on this thread's stack runs
        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
        Enter();
    }

    /// <summary>Shows views until a key, a signal or the loss of the terminal ends it.</summary>
    /// <returns>Exit code.</returns>
    public int Run()
    {
        var keys = new byte[64];
        var view = _views.Read();
        var drawn = default((int Columns, int Rows));
        var isStale = true;
        var age = TimeSpan.MaxValue;
        long? named = null;
        while (!_state.IsQuit && _signal == 0)
        {
            if (Interlocked.Exchange(ref _isContinued, 0) == 1)
            {
                // another program has had the terminal meanwhile and may have changed its settings
                Leave();
                Enter();
                drawn = default;
            }

            var size = Size();
            if (isStale || size != drawn)
            {
                isStale = false;
                Draw(view, size, isCleared: size != drawn);
                drawn = size;
            }

            var count = Terminal.Read(keys, KeyWait);
            if (count < 0)
            {
                break;
            }

            if (Interlocked.Exchange(ref _isToStop, 0) == 1 || keys.AsSpan(0, count).Contains(ControlZ))
            {
                Leave();
                Terminal.StopProcess();
                Enter();
                drawn = default;
            }

            if (count > 0)
            {
                isStale = true;
                _state.Press(keys.AsSpan(0, count));
            }

            if (!_state.IsPaused && IsNewSample(ref age))
            {
                if (named is not { } then || _time.GetElapsedTime(then) >= ProcessPace)
                {
                    _findProcesses();
                    named = _time.GetTimestamp();
                }

                view = _views.Read();
                isStale = true;
            }
        }

        return _signal == 0 ? 0 : SignalExit + _signal;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;
        Leave();
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
    }

    private static (int Columns, int Rows) Size() =>
        Terminal.Size() is { Columns: > 0, Rows: > 0 } size ? size : (80, 24);

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };

    private void Draw(HostView view, (int Columns, int Rows) size, bool isCleared)
    {
        if (isCleared)
        {
            Terminal.Write("\e[2J"u8);
        }

        Terminal.Write(_painter.Screen(_screen.Compose(view, _state, size.Columns, size.Rows), size.Columns));
    }

    /// <summary>Returns true if there is a new sample: otherwise the age of the last one keeps growing.</summary>
    private bool IsNewSample(ref TimeSpan age)
    {
        var now = _store.Age(_time) ?? TimeSpan.MaxValue;

        // a failed sample does not reset the age, but must be shown too
        var isNew = now < age || now > TimeSpan.FromSeconds(2);
        age = now;
        return isNew;
    }

    private void Enter()
    {
        Interlocked.Exchange(ref _isEntered, 1);
        _terminal.Take();
        Terminal.Write(EnterScreen);
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _isEntered, 0) == 1)
        {
            Terminal.Write(LeaveScreen);
            _terminal.Release();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        _signal = Number(context.Signal);
    }

    /// <summary>On SIGCONT, the runtime would restore the terminal settings that it saved.</summary>
    private void OnContinue(PosixSignalContext context)
    {
        context.Cancel = true;
        _isContinued = 1;
    }

    /// <summary>Same as Ctrl-Z, which is an ordinary key here: restore the terminal first.</summary>
    private void OnStop(PosixSignalContext context)
    {
        context.Cancel = true;
        _isToStop = 1;
    }

    private void OnUnhandledException(object sender, UnhandledExceptionEventArgs e) => Leave();
}
