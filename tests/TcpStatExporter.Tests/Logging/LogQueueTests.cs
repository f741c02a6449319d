using System.Text;
using Serilog;
using Serilog.Core;
using Shouldly;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using Xunit;

namespace TcpStatExporter.Tests.Logging;

public sealed class LogQueueTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void The_end_writes_every_line_in_order()
    {
        using var stream = new MemoryStream();
        using (var log = Log(stream, out _))
        {
            for (var i = 0; i < 100; i++)
            {
                log.Information("line {Number}", i);
            }
        }

        Lines(stream).ShouldBe(Enumerable.Range(0, 100).Select(i => $"<6>line {i}"));
    }

    /// <summary>On a thread of its own: one that waited for the stalled stream would wait for ever.</summary>
    [Fact]
    public void A_stream_that_stalls_delays_nobody_and_what_does_not_fit_is_counted()
    {
        const int Lost = 7;
        using var stream = new StalledStream();
        using var log = Log(stream, out var queue);
        RunToEnd(() =>
        {
            log.Information("the line that stalls");
            stream.Entered.Wait(Patience).ShouldBeTrue();
            for (var i = 0; i < LogQueue.Capacity + Lost; i++)
            {
                log.Information("line {Number}", i);
            }
        });
        queue.Dropped.ShouldBe(Lost);

        // what did fit comes once the reader is back
        stream.Released.Set();
        queue.Dispose();
        SpinWait.SpinUntil(() => stream.Writes == LogQueue.Capacity + 1, Patience).ShouldBeTrue();
    }

    [Fact]
    public void A_stream_that_stalls_does_not_hold_up_the_end()
    {
        using var stream = new StalledStream();
        var log = Log(stream, out _);
        log.Information("the line that stalls");
        stream.Entered.Wait(Patience).ShouldBeTrue();

        RunToEnd(log.Dispose);
        stream.Released.Set();
    }

    [Fact]
    public void A_line_that_cannot_be_written_is_counted_and_the_next_is_tried()
    {
        using var stream = new StalledStream { IsFull = true };
        stream.Released.Set();
        LogQueue queue;
        using (var log = Log(stream, out queue))
        {
            log.Information("one");
            log.Information("two");
        }

        SpinWait.SpinUntil(() => stream.Writes == 2, Patience).ShouldBeTrue();
        SpinWait.SpinUntil(() => queue.Dropped == 2, Patience).ShouldBeTrue();
    }

    [Fact]
    public void A_line_after_the_end_is_counted()
    {
        using var stream = new MemoryStream();
        var log = Log(stream, out var queue);
        log.Dispose();
        log.Information("too late");
        queue.Dropped.ShouldBe(1);
    }

    private static Logger Log(Stream stream, out LogQueue queue)
    {
        queue = new LogQueue(new LogFormatter(LogFormat.Text, journal: true), stream);
        return new LoggerConfiguration().WriteTo.Sink(queue).CreateLogger();
    }

    private static string[] Lines(MemoryStream stream) => Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');

    private static void RunToEnd(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        thread.Join(Patience).ShouldBeTrue("it is not to wait for the stream");
    }

    /// <summary>A stream that takes nothing until it is released, as a pipe that is full and not read.</summary>
    private sealed class StalledStream : MemoryStream
    {
        private int _writes;

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Released { get; } = new();

        /// <summary>Every write fails, as on a full device.</summary>
        public bool IsFull { get; init; }

        /// <summary>Writes that are done.</summary>
        public int Writes => Volatile.Read(ref _writes);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Entered.Set();
            Released.Wait(Patience);
            Interlocked.Increment(ref _writes);
            if (IsFull)
            {
                throw new StandardStreamException(StandardStream.Error, 28);
            }
        }
    }
}
