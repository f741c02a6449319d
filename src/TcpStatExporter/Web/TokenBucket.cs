namespace TcpStatExporter.Web;

/// <summary>Lets in one request an interval on the average, and some at once after a rest: the token bucket, kept as the time at which it is full again.</summary>
/// <param name="interval">Time in which one more request is let in.</param>
/// <param name="burst">Requests let in at once after a rest; at least 1.</param>
internal sealed class TokenBucket(TimeSpan interval, int burst)
{
    private readonly Lock _lock = new();
    private TimeSpan _full;

    /// <summary>Lets a request in, or not.</summary>
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
