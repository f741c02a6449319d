namespace TcpStatExporter.Sampling;

/// <summary>
/// The maximum of a sliding window. The sampler maintains it, and readers do not reset it. So any number of scrapers see the
/// same peaks, and none can take one away from another.
/// </summary>
/// <remarks>
/// The window is divided into <see cref="Buckets"/> slices. The current slice counts in full, and one more is kept at the
/// end, so a value is visible for at least the window and at most one slice longer.
/// </remarks>
internal sealed class PeakWindow
{
    /// <summary>Number of slices in a window. One second each if the window is one minute.</summary>
    public const int Buckets = 60;

    private readonly double[] _maxima = new double[Buckets + 1];
    private readonly TimeSpan _slice;
    private long _head = -1;

    /// <summary>Creates an empty window.</summary>
    /// <param name="window">Its length. More than zero.</param>
    public PeakWindow(TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);

        // rounded up, so a value is never lost too early
        _slice = new TimeSpan((window.Ticks + Buckets - 1) / Buckets);
        Array.Fill(_maxima, double.NaN);
    }

    /// <summary>
    /// Maximum in the window, as of the last call of <see cref="Observe"/> or <see cref="Advance"/>. NaN if there is none.
    /// </summary>
    public double Peak { get; private set; } = double.NaN;

    /// <summary>Adds a value.</summary>
    /// <param name="now">Monotonic time. Never earlier than in the last call.</param>
    /// <param name="value">The value. NaN is ignored.</param>
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

    /// <summary>Removes values that have left the window.</summary>
    /// <param name="now">Monotonic time. Never earlier than in the last call.</param>
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
