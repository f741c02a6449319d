namespace TcpStatExporter.Sampling;

/// <summary>
/// Runs the sampler on a thread of its own, so that no crowd of requests on the thread pool can delay it: one loop, one
/// tick at a time, on a fixed grid of monotonic time.
/// </summary>
/// <param name="sampler">What to run.</param>
/// <param name="interval">Time between ticks.</param>
/// <param name="listenersInterval">Time between looks at the listeners; not less than <paramref name="interval"/>: with each tick.</param>
internal sealed class SamplerService(Sampler sampler, TimeSpan interval, TimeSpan listenersInterval) : ThreadService("sampler")
{
    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        var ownPace = listenersInterval < interval;
        var start = sampler.Now;
        var ticks = new TickSchedule(interval, start);
        var looks = new TickSchedule(listenersInterval, start);
        do
        {
            var isLook = ownPace && looks.TryTake(sampler.Now, out _);
            if (ticks.TryTake(sampler.Now, out var missed))
            {
                // with the listeners, whatever their pace: no counter is told before the listener that explains it
                sampler.Sample(missed);
            }
            else if (isLook)
            {
                sampler.SampleListeners();
            }
        }
        while (!stopped.WaitOne(TimeUntil(ownPace && looks.Due < ticks.Due ? looks.Due : ticks.Due)));
    }

    /// <summary>Rounded up: to wake a moment late, not a moment early and then once more.</summary>
    private int TimeUntil(TimeSpan due) => (int)Math.Ceiling(Math.Max(0, (due - sampler.Now).TotalMilliseconds));
}
