using Microsoft.Extensions.Logging;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Watches the network namespaces on its own thread, because reading two hundred of them would delay the tick of the host. A
/// bug in it does not end the daemon: the host is sampled as ever.
/// </summary>
/// <param name="watch">What to run.</param>
/// <param name="logger">Logs an exception.</param>
internal sealed partial class NetnsService(NetnsWatch watch, ILogger<NetnsService> logger) : ThreadService("namespaces")
{
    private static readonly TimeSpan PauseAfterBug = TimeSpan.FromMinutes(1);

    private bool _hasThrown;

    /// <inheritdoc/>
    protected override void Run(CancellationToken stopping)
    {
        // what it waits for is not a wait handle. At the end, this waits for a running Wake(), because the watch is disposed next
        using var registration = stopping.Register(watch.Wake);
        while (!stopping.IsCancellationRequested)
        {
            if (TryRunDue(out var pause))
            {
                watch.Wait(pause, stopping.WaitHandle);
            }
            else
            {
                stopping.WaitHandle.WaitOne(PauseAfterBug);
            }
        }
    }

    private bool TryRunDue(out TimeSpan pause)
    {
        try
        {
            pause = watch.RunDue();
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!_hasThrown)
            {
                LogThrew(logger, e);
            }

            _hasThrown = true;
            pause = default;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Reading other network namespaces threw an exception. This is a bug, please report it. The exporter tries again once a minute. The host itself is not affected.")]
    private static partial void LogThrew(ILogger logger, Exception exception);
}
