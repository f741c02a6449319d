using System.Collections.Concurrent;
using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Shouldly;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using Xunit;

namespace TcpStatExporter.Tests.Logging;

public sealed class LogQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Shutdown_writes_every_line_in_order()
    {
        var sink = new ListSink();
        using (var log = Log(sink, out _))
        {
            for (var i = 0; i < 100; i++)
            {
                log.Information("line {Number}", i);
            }
        }

        sink.Lines.ShouldBe(Enumerable.Range(0, 100).Select(i => $"line {i}"));
    }

    /// <summary>Runs on a separate thread: code that waited for the stalled sink would wait forever.</summary>
    [Fact]
    public void A_stalled_sink_delays_nobody_and_lines_that_do_not_fit_are_counted()
    {
        const int Lost = 7;
        using var sink = new StalledSink();
        using var log = Log(sink, out var queue);
        RunToEnd(() =>
        {
            log.Information("the line that stalls");
            sink.Entered.Wait(Patience).ShouldBeTrue();
            for (var i = 0; i < LogQueue.Capacity + Lost; i++)
            {
                log.Information("line {Number}", i);
            }
        });
        queue.Dropped.ShouldBe(Lost);

        // the queued lines arrive when the reader is back
        sink.Released.Set();
        queue.Dispose();
        SpinWait.SpinUntil(() => sink.Writes == LogQueue.Capacity + 1, Patience).ShouldBeTrue();
    }

    [Fact]
    public void A_stalled_sink_does_not_delay_shutdown()
    {
        using var sink = new StalledSink();
        var log = Log(sink, out _);
        log.Information("the line that stalls");
        sink.Entered.Wait(Patience).ShouldBeTrue();

        RunToEnd(log.Dispose);
        sink.Released.Set();
    }

    [Fact]
    public void A_line_that_cannot_be_written_is_counted_and_the_next_one_is_tried()
    {
        using var sink = new StalledSink { IsFull = true };
        sink.Released.Set();
        LogQueue queue;
        using (var log = Log(sink, out queue))
        {
            log.Information("one");
            log.Information("two");
        }

        SpinWait.SpinUntil(() => sink.Writes == 2, Patience).ShouldBeTrue();
        SpinWait.SpinUntil(() => queue.Dropped == 2, Patience).ShouldBeTrue();
    }

    [Fact]
    public void A_line_after_shutdown_is_counted()
    {
        var log = Log(new ListSink(), out var queue);
        log.Dispose();
        log.Information("too late");
        queue.Dropped.ShouldBe(1);
    }

    private static Logger Log(ILogEventSink sink, out LogQueue queue)
    {
        queue = new LogQueue(sink);
        return new LoggerConfiguration().WriteTo.Sink(queue).CreateLogger();
    }

    private static void RunToEnd(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        thread.Join(Patience).ShouldBeTrue("it is not to wait for the sink");
    }

    /// <summary>A sink that blocks until it is released, like a full pipe that nobody reads.</summary>
    private sealed class StalledSink : ILogEventSink, IDisposable
    {
        private int _writes;

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Released { get; } = new();

        /// <summary>Makes every write fail, as on a full device.</summary>
        public bool IsFull { get; init; }

        /// <summary>Number of completed writes.</summary>
        public int Writes => Volatile.Read(ref _writes);

        public void Emit(LogEvent logEvent)
        {
            Entered.Set();
            Released.Wait(Patience);
            Interlocked.Increment(ref _writes);
            if (IsFull)
            {
                throw new StandardStreamException(StandardStream.Error, 28);
            }
        }

        public void Dispose() => Released.Set();
    }

    private sealed class ListSink : ILogEventSink
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void Emit(LogEvent logEvent) => Lines.Enqueue(logEvent.RenderMessage(CultureInfo.InvariantCulture));
    }
}
