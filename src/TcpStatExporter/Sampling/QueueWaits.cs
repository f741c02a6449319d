using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// How long connections wait in the accept queue of one listener: the queued connections that are known, oldest first, and
/// what earlier looks saw. Made when a look finds the queue in use, so an idle listener costs nothing.
/// </summary>
/// <param name="peakWindow">Window of the peak.</param>
internal sealed class QueueWaits(TimeSpan peakWindow)
{
    // an array: the compiler keeps a span of constants off the heap in optimised builds alone
    private static readonly double[] Bounds = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>Dumps in a row that find none of a queue that stays as long as it is, after which it is taken to hold nothing that has a row.</summary>
    private const int BarrenDumps = 8;

    private readonly ValueList<Queued> _queued = new();
    private readonly PeakWindow _peak = new(peakWindow);
    private int _first;
    private bool _isObserved;
    private int _barrenDumps;

    /// <summary>Upper bounds of <see cref="Seconds"/>, in seconds.</summary>
    public static ReadOnlySpan<double> SecondsBounds => Bounds;

    /// <summary>One observation a look, in seconds: the age of the oldest connection in the queue, 0 where it was empty.</summary>
    public Histogram Seconds;

    /// <summary>Age of the oldest queued connection at the last look, in seconds; 0 where the queue was empty, NaN where the age is not known.</summary>
    public double Oldest { get; private set; }

    /// <summary>Largest <see cref="Oldest"/> in the peak window.</summary>
    public double Peak => double.IsNaN(_peak.Peak) ? 0 : _peak.Peak;

    /// <summary>Length of the queue at the look that <see cref="Oldest"/> is of.</summary>
    public long Length { get; private set; }

    /// <summary>Memory that the queued connections hold (SK_MEMINFO_RMEM_ALLOC), in bytes, as of the last dump.</summary>
    public ulong MemoryBytes { get; private set; }

    /// <summary>The dump under way is to fill it.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>
    /// Length of a queue of which dumps find no connection: those that their clients reset are counted and have no row. 0 for
    /// any other queue, and once the length has changed.
    /// </summary>
    public long Rowless { get; private set; }

    /// <summary>Finds the oldest connection that is still queued. Those that were accepted or are gone are forgotten.</summary>
    /// <param name="connection">Looks a connection up.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="age">Its age.</param>
    /// <returns>False where all that were known are out of the queue.</returns>
    public bool TryOldest(IConnectionLookup connection, TimeSpan now, out TimeSpan age)
    {
        for (; _first < _queued.Count; _first++)
        {
            ref readonly var queued = ref _queued[_first];
            if (connection.TryFind(queued.Id, out var socket) && IsQueued(socket))
            {
                age = now - queued.Since;
                return true;
            }
        }

        age = default;
        return false;
    }

    /// <summary>Starts a dump: what was known is found again, or gone.</summary>
    public void Begin()
    {
        _queued.Clear();
        _first = 0;
        MemoryBytes = 0;
        IsAsked = true;
    }

    /// <summary>Takes a queued connection of the dump.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="max">Most that are kept. The kernel's order is that of a hash, so those kept are a random sample.</param>
    public void Add(in TcpSocket socket, int max)
    {
        MemoryBytes += socket.ReceiveMemory;
        if (_queued.Count < max)
        {
            _queued.Add(new Queued { Id = TcpSocketId.Of(in socket) });
        }
    }

    /// <summary>Ends a dump: asks how old each connection is and sorts them, oldest first.</summary>
    /// <param name="connection">Looks a connection up.</param>
    /// <param name="time">Tells monotonic time.</param>
    public void End(IConnectionLookup connection, Func<TimeSpan> time)
    {
        IsAsked = false;
        var kept = 0;
        for (var i = 0; i < _queued.Count; i++)
        {
            if (connection.TryFind(_queued[i].Id, out var socket) && IsQueued(socket) && socket.HasInfo)
            {
                _queued[kept++] = new Queued { Id = _queued[i].Id, Since = time() - TimeSpan.FromMilliseconds(socket.SinceDataSent) };
            }
        }

        _queued.Shorten(kept);
        _queued.Span.Sort(static (one, other) => one.Since.CompareTo(other.Since));

        // a dump that finds none of a few has come just after they were accepted; so many of them are no chance
        _barrenDumps = kept == 0 ? _barrenDumps + 1 : 0;
        Rowless = _barrenDumps >= BarrenDumps ? Length : 0;
        var now = time();
        if (!_isObserved && Rowless == 0)
        {
            Observe(now, kept > 0 ? (now - _queued[0].Since).TotalSeconds : 0, isCounted: true);
        }
        else if (!_isObserved)
        {
            Miss(now);
        }
    }

    /// <summary>Begins a look.</summary>
    /// <param name="length">Connections in it.</param>
    public void BeginLook(long length)
    {
        _isObserved = false;
        if (length != Length)
        {
            Rowless = 0;
            _barrenDumps = 0;
        }

        Length = length;
        MemoryBytes = length == 0 ? 0 : MemoryBytes;
    }

    /// <summary>Takes what a look found.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="seconds">Age of the oldest connection.</param>
    /// <param name="isCounted">It goes into the histogram: every look does, or none, whatever it found, so that the mean holds.</param>
    public void Observe(TimeSpan now, double seconds, bool isCounted)
    {
        _isObserved = true;
        Oldest = seconds;
        _peak.Observe(now, seconds);
        if (isCounted)
        {
            Seconds.Observe(Bounds, seconds);
        }
    }

    /// <summary>A look could not tell the age: it is what it was, unless there is nothing that could ever tell it.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Miss(TimeSpan now)
    {
        Oldest = Rowless > 0 ? double.NaN : Oldest;
        _peak.Advance(now);
    }

    /// <summary>Accepted connections have an inode. One that its client left while it was queued is in CLOSE_WAIT, and still in the queue.</summary>
    /// <param name="socket">The connection.</param>
    private static bool IsQueued(in TcpSocket socket) => socket is { Inode: 0, State: TcpState.Established or TcpState.CloseWait };

    private struct Queued
    {
        public TcpSocketId Id;

        /// <summary>Monotonic time at which its handshake ended.</summary>
        public TimeSpan Since;
    }
}
