using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// How long connections wait in the accept queue of one listener: the known queued connections, oldest first, and earlier
/// results. Created when the queue is seen in use, so an idle listener costs nothing.
/// </summary>
/// <param name="peakWindow">Window of the peak.</param>
internal sealed class QueueWaits(TimeSpan peakWindow)
{
    // an array: the compiler keeps a span of constants off the heap only in optimised builds
    private static readonly double[] Bounds = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>
    /// After this many dumps in a row without a connection, although the queue length stays the same, the queue is assumed to
    /// hold only connections without a row.
    /// </summary>
    private const int BarrenDumps = 8;

    /// <summary>After this time without a measurement, the last one says nothing about the queue.</summary>
    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(30);

    private readonly ValueList<Queued> _queued = new();
    private readonly PeakWindow _peak = new(peakWindow);
    private int _first;
    private bool _isObserved;
    private TimeSpan _observedAt;
    private int _barrenDumps;

    /// <summary>Upper bounds of <see cref="Seconds"/>, in seconds.</summary>
    public static ReadOnlySpan<double> SecondsBounds => Bounds;

    /// <summary>
    /// One observation each time the queue is examined, in seconds: the age of its oldest connection, 0 if it was empty.
    /// </summary>
    public Histogram Seconds;

    /// <summary>
    /// Age of the oldest queued connection when it was last examined, in seconds. 0 if the queue was empty, NaN if the age is
    /// unknown.
    /// </summary>
    public double Oldest { get; private set; }

    /// <summary>Maximum of <see cref="Oldest"/> in the peak window.</summary>
    public double Peak => double.IsNaN(_peak.Peak) ? 0 : _peak.Peak;

    /// <summary>Length of the queue when <see cref="Oldest"/> was measured.</summary>
    public long Length { get; private set; }

    /// <summary>Memory of the queued connections (SK_MEMINFO_RMEM_ALLOC) in bytes, from the last dump.</summary>
    public ulong MemoryBytes { get; private set; }

    /// <summary>The current dump should fill it.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>
    /// Length of a queue in which dumps find no connection: connections that their clients have reset are counted but have no
    /// row. 0 for any other queue, and after the length has changed.
    /// </summary>
    public long Rowless { get; private set; }

    /// <summary>Finds the oldest connection that is still queued. Forgets those that were accepted or are gone.</summary>
    /// <param name="connection">Looks up a connection.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="age">Its age.</param>
    /// <returns>False if all known connections have left the queue.</returns>
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

    /// <summary>Forgets the queue. The age of its oldest connection is unknown until it is examined again.</summary>
    public void Forget()
    {
        _queued.Clear();
        _first = 0;
        (Length, MemoryBytes, Rowless, _barrenDumps) = (0, 0, 0, 0);
        Oldest = double.NaN;
    }

    /// <summary>Starts a dump. Known connections are found again, or are gone.</summary>
    public void Begin()
    {
        _queued.Clear();
        _first = 0;
        MemoryBytes = 0;
        IsAsked = true;
    }

    /// <summary>Adds a queued connection from the dump.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="max">Maximum number to keep. The kernel's order is that of a hash, so those kept are a random sample.</param>
    public void Add(in TcpSocket socket, int max)
    {
        MemoryBytes += socket.ReceiveMemory;
        if (_queued.Count < max)
        {
            _queued.Add(new Queued { Id = TcpSocketId.Of(in socket) });
        }
    }

    /// <summary>Ends a dump: requests the age of each connection and sorts them, oldest first.</summary>
    /// <param name="connection">Looks up a connection.</param>
    /// <param name="time">Returns monotonic time.</param>
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

        // a dump that finds none of a few connections came just after they were accepted; with this many it is not chance
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

    /// <summary>Begins to examine the queue.</summary>
    /// <param name="length">Number of connections in it.</param>
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

    /// <summary>Adds a result.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="seconds">Age of the oldest connection.</param>
    /// <param name="isCounted">
    /// Include it in the histogram. All results are included or none, whatever they are, so the average is correct.
    /// </param>
    public void Observe(TimeSpan now, double seconds, bool isCounted)
    {
        _isObserved = true;
        _observedAt = now;
        Oldest = seconds;
        _peak.Observe(now, seconds);
        if (isCounted)
        {
            Seconds.Observe(Bounds, seconds);
        }
    }

    /// <summary>
    /// The age could not be determined. It keeps its value for a while, unless nothing could ever determine it.
    /// </summary>
    /// <param name="now">Monotonic time.</param>
    public void Miss(TimeSpan now)
    {
        Oldest = Rowless > 0 || now - _observedAt > LongestKept ? double.NaN : Oldest;
        _peak.Advance(now);
    }

    /// <summary>
    /// Accepted connections have an inode. If a client leaves while it is queued, its connection is in CLOSE_WAIT and still
    /// in the queue.
    /// </summary>
    /// <param name="socket">The connection.</param>
    private static bool IsQueued(in TcpSocket socket) => socket is { Inode: 0, State: TcpState.Established or TcpState.CloseWait };

    private struct Queued
    {
        public TcpSocketId Id;

        /// <summary>Monotonic time at which its handshake ended.</summary>
        public TimeSpan Since;
    }
}
