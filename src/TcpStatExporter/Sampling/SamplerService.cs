namespace TcpStatExporter.Sampling;

/// <summary>
/// Runs the samplers of all network namespaces on one thread of their own, so that no crowd of requests on the thread pool
/// can delay them: one tick at a time, each namespace on a fixed grid of monotonic time.
/// </summary>
/// <param name="namespaces">What to sample.</param>
internal sealed class SamplerService(NamespaceRegistry namespaces) : ThreadService("sampler")
{
    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
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
        while (!stopped.WaitOne(Milliseconds(next)));
    }

    /// <summary>Rounded up: to wake a moment late, not a moment early and then once more.</summary>
    private static int Milliseconds(TimeSpan time) => (int)Math.Ceiling(Math.Max(0, time.TotalMilliseconds));
}
