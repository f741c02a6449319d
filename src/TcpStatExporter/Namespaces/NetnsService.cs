using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Watches the network namespaces on its own thread, because reading two hundred of them would delay the tick of the host.
/// </summary>
/// <param name="watch">What to run.</param>
internal sealed class NetnsService(NetnsWatch watch) : ThreadService("namespaces")
{
    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        // it waits for the end of processes, which is not a wait handle
        var registration = ThreadPool.RegisterWaitForSingleObject(stopped, (_, _) => watch.Wake(), state: null, Timeout.Infinite, executeOnlyOnce: true);
        while (!stopped.WaitOne(0))
        {
            watch.Wait(watch.RunDue(), stopped);
        }

        registration.Unregister(waitObject: null);
    }
}
