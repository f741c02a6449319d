namespace TcpStatExporter.Sampling;

/// <summary>
/// Decides when the next tick is due. Ticks are on a fixed grid from the start, so a late tick never moves the next one. A
/// tick whose whole interval has passed is missed, not run twice.
/// </summary>
internal struct TickSchedule
{
    private readonly TimeSpan _interval;

    /// <summary>Creates a schedule whose first tick is due at once.</summary>
    /// <param name="interval">Time between ticks. More than zero.</param>
    /// <param name="start">Monotonic time of the first tick.</param>
    public TickSchedule(TimeSpan interval, TimeSpan start)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _interval = interval;
        Due = start;
    }

    /// <summary>Monotonic time at which the next tick is due.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Takes the due tick and sets the time of the next one.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="missed">Number of ticks whose whole interval had passed before this one was taken.</param>
    /// <returns>False if no tick is due yet.</returns>
    public bool TryTake(TimeSpan now, out long missed)
    {
        missed = 0;
        if (now < Due)
        {
            return false;
        }

        missed = (now - Due).Ticks / _interval.Ticks;
        Due += _interval * (missed + 1);
        return true;
    }
}
