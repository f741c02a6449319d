namespace TcpStatExporter.Sampling;

/// <summary>
/// The largest value of a sliding window. It is kept by the sampler, not reset by readers, so any number of scrapers
/// see the same peaks and none can take one away from another.
/// </summary>
/// <remarks>
/// The window is cut into <see cref="Buckets"/> slices; the slice being filled counts in full and one more is kept
/// behind it, so a value is visible for at least the window and at most one slice longer.
/// </remarks>
internal sealed class PeakWindow
{
    /// <summary>Slices of a window: one second each where the window is a minute.</summary>
    public const int Buckets = 60;

    private readonly double[] _maxima = new double[Buckets + 1];
    private readonly TimeSpan _slice;
    private long _head = -1;

    /// <summary>Makes an empty window.</summary>
    /// <param name="window">Its length; more than zero.</param>
    public PeakWindow(TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);

        // rounded up: a value is never lost before its time
        _slice = new TimeSpan((window.Ticks + Buckets - 1) / Buckets);
        Array.Fill(_maxima, double.NaN);
    }

    /// <summary>Largest value in the window as of the last call of <see cref="Observe"/> or <see cref="Advance"/>; NaN where there is none.</summary>
    public double Peak { get; private set; } = double.NaN;

    /// <summary>Takes one value.</summary>
    /// <param name="now">Monotonic time, never earlier than at the last call.</param>
    /// <param name="value">The value; NaN is ignored.</param>
    public void Observe(TimeSpan now, double value)
    {
        Advance(now);
        ref var head = ref _maxima[_head % _maxima.Length];
        if (!(value <= head))
        {
            head = double.IsNaN(value) ? head : value;
        }

        if (!(value <= Peak) && !double.IsNaN(value))
        {
            Peak = value;
        }
    }

    /// <summary>Forgets what the window has left behind.</summary>
    /// <param name="now">Monotonic time, never earlier than at the last call.</param>
    public void Advance(TimeSpan now)
    {
        var head = now.Ticks / _slice.Ticks;
        if (head == _head)
        {
            return;
        }

        for (var slice = Math.Max(_head + 1, head - Buckets); slice <= head; slice++)
        {
            _maxima[slice % _maxima.Length] = double.NaN;
        }

        _head = head;
        Peak = double.NaN;
        foreach (var value in _maxima)
        {
            // a comparison with NaN is false: an empty slice never wins, and anything replaces an empty peak
            if (!(value <= Peak) && !double.IsNaN(value))
            {
                Peak = value;
            }
        }
    }
}
