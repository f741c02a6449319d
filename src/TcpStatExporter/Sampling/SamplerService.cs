namespace TcpStatExporter.Sampling;

/// <summary>
/// Runs the samplers of all network namespaces on a separate thread, so many requests on the thread pool cannot delay them.
/// Runs one tick at a time, each namespace on a fixed grid of monotonic time.
/// </summary>
/// <param name="namespaces">The namespaces to sample.</param>
internal sealed class SamplerService(NamespaceRegistry namespaces) : ThreadService("sampler")
{
    /// <inheritdoc/>
    protected override void Run(CancellationToken stopping)
    {
        TimeSpan next;
        do
        {
            next = TimeSpan.MaxValue;
            foreach (var one in namespaces.All)
            {
                var due = one.RunDue();
                next = due < next ? due : next;
            }
        }
        while (!stopping.WaitHandle.WaitOne(Milliseconds(next)));
    }

    /// <summary>Rounds up, to wake up slightly late instead of slightly early and then again.</summary>
    private static int Milliseconds(TimeSpan time) => (int)Math.Ceiling(Math.Max(0, time.TotalMilliseconds));
}
