using TcpStatExporter.Systemd;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Runs the sampler on a thread of its own, so that no crowd of requests on the thread pool can delay it: one loop, one
/// tick at a time, on a fixed grid of monotonic time.
/// </summary>
internal sealed class SamplerService : ThreadService
{
    private readonly Sampler _sampler;
    private readonly SystemdNotifier _systemd;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _listenersInterval;

    /// <summary>Makes the service; it begins with <see cref="ThreadService.StartAsync"/>.</summary>
    /// <param name="sampler">What to run.</param>
    /// <param name="systemd">Told of each tick that was completed.</param>
    /// <param name="interval">Time between ticks.</param>
    /// <param name="listenersInterval">Time between looks at the listeners; not less than <paramref name="interval"/>: with each tick.</param>
    public SamplerService(Sampler sampler, SystemdNotifier systemd, TimeSpan interval, TimeSpan listenersInterval)
        : base("sampler")
    {
        _sampler = sampler;
        _systemd = systemd;
        _interval = interval;
        _listenersInterval = listenersInterval;
    }

    /// <inheritdoc/>
    protected override void Run(WaitHandle stopped)
    {
        var ownPace = _listenersInterval < _interval;
        var start = _sampler.Now;
        var ticks = new TickSchedule(_interval, start);
        var looks = new TickSchedule(_listenersInterval, start);
        do
        {
            var isLook = ownPace && looks.TryTake(_sampler.Now, out _);
            if (ticks.TryTake(_sampler.Now, out var missed))
            {
                // with the listeners, whatever their pace: no counter is told before the listener that explains it
                var good = _sampler.Sample(missed);
                _systemd.TickCompleted(good);
            }
            else if (isLook)
            {
                _sampler.SampleListeners();
            }
        }
        while (!stopped.WaitOne(TimeUntil(ownPace && looks.Due < ticks.Due ? looks.Due : ticks.Due)));
    }

    /// <summary>Rounded up: to wake a moment late, not a moment early and then once more.</summary>
    private int TimeUntil(TimeSpan due) => (int)Math.Ceiling(Math.Max(0, (due - _sampler.Now).TotalMilliseconds));
}
