using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Testing.Lab;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Namespaces;

public sealed class NetnsServiceTests
{
    [Fact]
    public async Task An_exception_is_logged_once_and_does_not_end_the_daemon()
    {
        var logger = new RecordingLogger<NetnsService>();
        using var watch = BrokenWatch();
        using var service = new NetnsService(watch, logger);
        await service.StartAsync(CancellationToken.None);
        Wait.Until(() => logger.Entries.Count > 0, () => "a line in the log");
        service.ExecuteTask!.IsCompleted.ShouldBeFalse();
        await service.StopAsync(CancellationToken.None);
        logger.Entries.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
    }

    /// <summary>An exception on a thread of the pool would end the process, and with it this run of tests.</summary>
    [Fact]
    public async Task Nothing_touches_the_watch_after_the_end_even_if_the_thread_pool_is_late()
    {
        var logger = new RecordingLogger<NetnsService>();
        var watch = BrokenWatch();
        using var service = new NetnsService(watch, logger);
        await service.StartAsync(CancellationToken.None);
        Wait.Until(() => logger.Entries.Count > 0, () => "a line in the log");
        using var busy = new ManualResetEventSlim();
        var pool = Enumerable.Range(0, 16 * Environment.ProcessorCount).Select(_ => Task.Run(busy.Wait)).ToArray();
        Wait.Until(IsFull, () => "no thread is free");
        var stop = service.StopAsync(CancellationToken.None);
        Wait.Until(() => service.ExecuteTask!.IsCompleted, () => "its end");
        watch.Dispose();
        busy.Set();
        await Task.WhenAll([stop, .. pool]);

        // other tests use it too: a free thread would begin what is left
        bool IsFull()
        {
            var begun = Begun();
            Thread.Sleep(50);
            return begun == Begun() && begun < pool.Length;
        }

        int Begun() => pool.Count(task => task.Status != TaskStatus.WaitingToRun);
    }

    private static NetnsWatch BrokenWatch() =>
        new(new NetnsOptions { Mode = NetnsMode.Counters }, TimeSpan.FromMinutes(1), TimeProvider.System, new RecordingLogger<NetnsWatch>(), cpuTime: () => throw new InvalidOperationException("a bug"));
}
