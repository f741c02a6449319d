using Serilog.Core;
using Serilog.Events;

namespace TcpStatExporter.Logging;

/// <summary>
/// Log events on their way to a sink that may stall, such as stderr if it is a pipe that nobody reads. Logging never blocks:
/// a separate thread passes the events on. If the queue is full, or an event cannot be written, the event is dropped and
/// counted.
/// </summary>
/// <remarks>
/// At shutdown, Serilog.Sinks.Async waits for a stalled sink without a limit, and it does not count what could not be
/// written.
/// </remarks>
internal sealed class LogQueue : ILogEventSink, IDisposable
{
    /// <summary>Maximum number of waiting lines.</summary>
    public const int Capacity = 512;

    /// <summary>
    /// Time to wait for the last lines at shutdown. The daemon has two seconds to stop, and web requests take most of it.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    private readonly Queue<LogEvent> _events = new();
    private readonly ILogEventSink _sink;
    private readonly Thread _writer;
    private bool _isClosed;
    private long _dropped;

    /// <summary>Starts the thread.</summary>
    /// <param name="sink">Writes the events.</param>
    public LogQueue(ILogEventSink sink)
    {
        _sink = sink;
        _writer = new Thread(Run) { Name = "log", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Lines dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        lock (_events)
        {
            if (!_isClosed && _events.Count < Capacity)
            {
                _events.Enqueue(logEvent);
                Monitor.Pulse(_events);
                return;
            }
        }

        Interlocked.Increment(ref _dropped);
    }

    /// <summary>Accepts no more lines, and waits briefly for the queued ones.</summary>
    public void Dispose()
    {
        lock (_events)
        {
            _isClosed = true;
            Monitor.Pulse(_events);
        }

        _writer.Join(Patience);
    }

    private void Run()
    {
        while (Take() is { } logEvent)
        {
            try
            {
                _sink.Emit(logEvent);
            }
            catch (IOException)
            {
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    /// <summary>Returns the next event, or null if the queue is closed and empty.</summary>
    private LogEvent? Take()
    {
        lock (_events)
        {
            while (_events.Count == 0)
            {
                if (_isClosed)
                {
                    return null;
                }

                Monitor.Wait(_events);
            }

            return _events.Dequeue();
        }
    }
}
