namespace TcpStatExporter.Web;

/// <summary>
/// Admits one request per interval on average, and a burst after a pause. A token bucket, stored as the time at which it is
/// full again.
/// </summary>
/// <param name="interval">Average time between admitted requests.</param>
/// <param name="burst">Requests admitted at once after a pause. At least 1.</param>
internal sealed class TokenBucket(TimeSpan interval, int burst)
{
    private readonly Lock _lock = new();
    private TimeSpan _full;

    /// <summary>Returns true if the request is admitted.</summary>
    /// <param name="now">Monotonic time.</param>
    public bool TryTake(TimeSpan now)
    {
        lock (_lock)
        {
            var full = (_full > now ? _full : now) + interval;
            if (full - now > interval * burst)
            {
                return false;
            }

            _full = full;
            return true;
        }
    }
}
