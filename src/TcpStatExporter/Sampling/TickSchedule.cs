namespace TcpStatExporter.Sampling;

/// <summary>
/// When the next tick is due. Ticks lie on a fixed grid from the start on, so lateness of one never moves the next; a
/// tick whose time has passed entirely is missed, not run twice.
/// </summary>
internal struct TickSchedule
{
    private readonly TimeSpan _interval;

    /// <summary>Makes a schedule whose first tick is due at once.</summary>
    /// <param name="interval">Time between ticks; more than zero.</param>
    /// <param name="start">Monotonic time of the first tick.</param>
    public TickSchedule(TimeSpan interval, TimeSpan start)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        _interval = interval;
        Due = start;
    }

    /// <summary>Monotonic time at which the next tick is due.</summary>
    public TimeSpan Due { get; private set; }

    /// <summary>Takes the tick that is due, and sets the time of the next one.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="missed">Ticks whose whole interval had passed before this one was taken.</param>
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
