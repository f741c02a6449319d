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
        TimeSpan next;
        do
        {
            next = watch.RunDue();
        }
        while (!stopped.WaitOne((int)Math.Ceiling(Math.Max(1, next.TotalMilliseconds))));
    }
}
