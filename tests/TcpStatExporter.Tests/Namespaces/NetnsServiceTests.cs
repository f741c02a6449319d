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
        using var watch = new NetnsWatch(
            new NetnsOptions { Mode = NetnsMode.Counters }, TimeSpan.FromMinutes(1), TimeProvider.System, new RecordingLogger<NetnsWatch>(), cpuTime: () => throw new InvalidOperationException("a bug"));
        using var service = new NetnsService(watch, logger);
        await service.StartAsync(CancellationToken.None);
        Wait.Until(() => logger.Entries.Count > 0, () => "a line in the log");
        service.ExecuteTask!.IsCompleted.ShouldBeFalse();
        await service.StopAsync(CancellationToken.None);
        logger.Entries.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Error);
    }
}
