using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Sampling;

/// <summary>
/// The parts that sample one network namespace. They have no thread of their own: the sampler's thread handles all
/// namespaces, and so does the sweeper's.
/// </summary>
internal sealed class NamespaceSampling : IDisposable
{
    private readonly NetNamespace _net;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _listenersInterval;
    private (TickSchedule Ticks, TickSchedule Looks)? _schedule;
    private TimeSpan? _queueLook;
    private TimeSpan? _lookedFor;

    /// <summary>Assembles and owns the parts.</summary>
    /// <param name="name">Its name. Empty for the host's own.</param>
    /// <param name="net">The namespace.</param>
    /// <param name="store">Where its samples are published.</param>
    /// <param name="sampler">Samples it.</param>
    /// <param name="sweeper">Sweeps it.</param>
    /// <param name="interval">Time between ticks.</param>
    /// <param name="listenersInterval">
    /// Time between reads of the listeners. If it is not less than <paramref name="interval"/>, they are read with each tick.
    /// </param>
    public NamespaceSampling(string name, NetNamespace net, SampleStore store, Sampler sampler, Sweeper sweeper, TimeSpan interval, TimeSpan listenersInterval)
    {
        Name = name;
        _net = net;
        Store = store;
        Sampler = sampler;
        Sweeper = sweeper;
        _interval = interval;
        _listenersInterval = listenersInterval;
    }

    /// <summary>Its name, a value of the label <c>netns</c>. Empty for the host's own, whose series have no such label.</summary>
    public string Name { get; }

    /// <summary>Where its samples are published.</summary>
    public SampleStore Store { get; }

    /// <summary>Runs a tick.</summary>
    public Sampler Sampler { get; }

    /// <summary>Runs a sweep.</summary>
    public Sweeper Sweeper { get; }

    /// <summary>Runs the tick or the read of the listeners that is due, if any. Calls must not overlap.</summary>
    /// <returns>Time until the next one is due.</returns>
    public TimeSpan RunDue()
    {
        var hasLooks = _listenersInterval < _interval;
        var (ticks, looks) = _schedule ?? (new TickSchedule(_interval, Sampler.Now), new TickSchedule(_listenersInterval, Sampler.Now));
        var isLook = hasLooks && looks.TryTake(Sampler.Now, out _);
        var isTick = ticks.TryTake(Sampler.Now, out var missed);
        _schedule = (ticks, looks);
        if (isTick)
        {
            // always reads the listeners too, so no counter is published before the listener that explains it
            Sampler.Sample(missed);
        }
        else if (isLook)
        {
            Sampler.SampleListeners();
        }

        return NextDue(hasLooks && looks.Due < ticks.Due ? looks.Due : ticks.Due) - Sampler.Now;
    }

    /// <summary>Between two ticks, at a random time, the queues are examined if one is in use.</summary>
    private TimeSpan NextDue(TimeSpan due)
    {
        if (_queueLook is { } look && look <= Sampler.Now)
        {
            Sampler.LookAtQueues();
            _queueLook = null;
            _lookedFor = due;
        }

        if (_queueLook is null && _lookedFor != due && Sampler.HasQueues)
        {
            _queueLook = Sampler.Now + ((due - Sampler.Now) * Random.Shared.NextDouble());
        }

        return _queueLook < due ? _queueLook.Value : due;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sampler.Dispose();
        Sweeper.Dispose();
        _net.Dispose();
    }
}
