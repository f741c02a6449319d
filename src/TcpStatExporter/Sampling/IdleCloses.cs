namespace TcpStatExporter.Sampling;

/// <summary>
/// The last connections that a server closed while they were idle, and what follows: its idle timeout. A timeout shows as
/// many closes after nearly the same idle time. Closes for other reasons (the end of a response, a limit on requests) come
/// after any time.
/// </summary>
internal sealed class IdleCloses
{
    /// <summary>Closes that are remembered.</summary>
    public const int Kept = 64;

    /// <summary>Fewer closes after the same time may be chance.</summary>
    private const int Fewest = 20;

    /// <summary>
    /// Share of the remembered closes that must have come after the same time. The others took longer: data went between the
    /// sweep that last saw the connection and its close.
    /// </summary>
    private const double Most = 0.4;

    /// <summary>Share of the remembered closes that may have come sooner, for another reason.</summary>
    private const double Sooner = 0.2;

    /// <summary>Servers look for idle connections now and then, some once a second.</summary>
    private const double SlackRatio = 1.1;
    private const double SlackSeconds = 0.5;

    /// <summary>A shorter time is that of a server that closes after each response.</summary>
    private const double Shortest = 1;

    private double[] _seconds = [];
    private int _count;
    private int _next;
    private bool _isStale;

    /// <summary>The sweep that last saw the listener.</summary>
    public uint Sweep { get; set; }

    /// <summary>Idle time after which the server closes connections, in seconds. 0 if none is known.</summary>
    public double Timeout { get; private set; }

    /// <summary>Closes after that time.</summary>
    public int Closes { get; private set; }

    /// <summary>Connections that this sweep found idle for longer than <see cref="Timeout"/>.</summary>
    public int Longer { get; private set; }

    /// <summary>Remembers a close.</summary>
    /// <param name="seconds">How long the connection was idle.</param>
    public void Add(double seconds)
    {
        if (_seconds.Length == 0)
        {
            // most listeners never close an idle connection
            _seconds = new double[Kept];
        }

        _seconds[_next] = seconds;
        _next = (_next + 1) % Kept;
        _count = Math.Min(_count + 1, Kept);
        _isStale = true;
    }

    /// <summary>Takes an open connection that is idle.</summary>
    /// <param name="seconds">For how long.</param>
    public void AddOpen(double seconds)
    {
        if (Timeout > 0 && seconds > Limit(Timeout))
        {
            Longer++;
        }
    }

    /// <summary>Forgets the open connections of this sweep.</summary>
    public void Reset() => Longer = 0;

    /// <summary>Ends a sweep: finds the time after which most of the remembered closes came.</summary>
    public void End()
    {
        if (!_isStale)
        {
            return;
        }

        _isStale = false;
        var sorted = (stackalloc double[Kept])[.._count];
        _seconds.AsSpan(0, _count).CopyTo(sorted);
        sorted.Sort();
        var (first, most, end) = (0, 0, 0);
        for (var start = 0; start < sorted.Length; start++)
        {
            while (end < sorted.Length && sorted[end] <= Limit(sorted[start]))
            {
                end++;
            }

            if (end - start > most)
            {
                (first, most) = (start, end - start);
            }
        }

        var timeout = sorted[first + (most / 2)];
        var isKnown = most >= Fewest && most >= Most * _count && first <= Sooner * _count && timeout >= Shortest;
        (Timeout, Closes) = isKnown ? (timeout, most) : (0, 0);
    }

    private static double Limit(double seconds) => (seconds * SlackRatio) + SlackSeconds;
}
