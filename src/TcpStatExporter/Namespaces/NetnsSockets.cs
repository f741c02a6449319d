using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// The listening sockets of one network namespace. A dump finds them. After that, each is requested by its address, because a
/// dump walks over the sockets of all namespaces. It holds a socket that keeps the namespace alive, so it must be disposed when
/// the last process of the namespace ends.
/// </summary>
/// <param name="socket">A socket in that namespace.</param>
internal sealed class NetnsSockets(NetlinkSocket socket) : IDisposable
{
    /// <summary>A scan of a million sockets takes a second of CPU time.</summary>
    private static readonly TimeSpan ScanPatience = TimeSpan.FromSeconds(5);

    /// <summary>Cookies of sockets that requests did not find. If a dump finds them again, only dumps can read them.</summary>
    private readonly ValueList<ulong> _missed = new();

    private readonly ValueList<bool> _isForDumps = new();
    private readonly ValueList<ulong> _hidden = new();

    /// <summary>The sockets, in the kernel's order.</summary>
    public ValueList<ListenerSocket> All { get; } = new();

    /// <summary>Monotonic time of the last dump. Null before the first one.</summary>
    public TimeSpan? DumpedAt { get; private set; }

    /// <summary>CPU time of the last dump.</summary>
    public TimeSpan DumpCost { get; private set; }

    /// <summary>There may be sockets that are not in <see cref="All"/>, so a dump should not wait.</summary>
    public bool WantsDump { get; set; } = true;

    /// <summary>Some sockets are read only by dumps: several with the same address and port (SO_REUSEPORT).</summary>
    public bool HasGroups { get; private set; }

    /// <summary>Some socket has discarded something since the read before the last one.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Some socket has discarded something since <see cref="Explain"/> was last called.</summary>
    public bool HasMovedSince { get; private set; }

    /// <summary>Compares what the kernel counted in the namespace with what its listeners show.</summary>
    /// <param name="added">What the kernel counted since the last call.</param>
    public void Explain(in NetnsLoss added)
    {
        WantsDump |= (added.Accepted > 0 && All.Count == 0) || (added.ListenDrops > 0 && !HasMovedSince);
        HasMovedSince = false;
    }

    /// <summary>Requests the known sockets.</summary>
    /// <param name="scratch">Memory for one call.</param>
    /// <returns>Failed if the kernel did not answer.</returns>
    public ReadResult LookUp(NetnsScratch scratch)
    {
        HasMoved = false;
        for (var next = 0; next < All.Count;)
        {
            scratch.Ids.Clear();
            scratch.Indexes.Clear();
            for (; next < All.Count && scratch.Ids.Count < NetlinkSocket.MostAtOnce; next++)
            {
                if (!_isForDumps[next])
                {
                    ref readonly var one = ref All[next];
                    scratch.Ids.Add(new TcpSocketId(one.Address, one.Address.Family == IpFamily.IPv4 ? IpAddress.FromIPv4(0) : IpAddress.FromIPv6(0, 0), one.Port, 0, one.Interface, one.Cookie));
                    scratch.Indexes.Add(next);
                }
            }

            if (scratch.Ids.Count == 0)
            {
                break;
            }

            var answers = new Answers(this, scratch);
            var result = socket.FindListeners(scratch.Ids.Span, ref answers).Result;
            if (!result.IsOk)
            {
                return result;
            }

            answers.SkipTo(scratch.Ids.Count);
        }

        HasMovedSince |= HasMoved;
        return ReadResult.Ok;
    }

    /// <summary>Reads all sockets.</summary>
    /// <param name="scratch">Memory for one call.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="cpuTime">Returns the CPU time of the calling thread.</param>
    /// <returns>Failed if the kernel did not answer.</returns>
    public ReadResult Dump(NetnsScratch scratch, TimeSpan now, Func<TimeSpan> cpuTime)
    {
        var start = cpuTime();
        scratch.Tally.Reset();
        var visitor = new SocketTally.Visitor(scratch.Tally);
        var result = socket.Dump(InetDiagRequest.Listeners, ref visitor).Result;
        if (!result.IsOk)
        {
            return result;
        }

        var before = Discarded();
        scratch.Tally.Listeners.CopyTo(All);
        HasMoved = Discarded() != before && DumpedAt is not null;
        HasMovedSince |= HasMoved;
        FindGroups(scratch);
        WantsDump = false;
        DumpedAt = now;
        DumpCost = cpuTime() - start;
        return ReadResult.Ok;
    }

    /// <summary>Passes all sockets, in any state, to a visitor.</summary>
    /// <param name="request">Which sockets, and what about them.</param>
    /// <param name="visitor">Receives the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    /// <returns>Failed if the kernel did not answer.</returns>
    public ReadResult Scan<TVisitor>(in InetDiagRequest request, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var patience = socket.Timeout;
        socket.Timeout = ScanPatience;
        var result = socket.Dump(request, ref visitor).Result;
        socket.Timeout = patience;
        return result;
    }

    /// <summary>Requests one connection.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="found">The connection. Without a state if it is gone.</param>
    /// <returns>Read, whether it exists or is gone; or failed.</returns>
    public ReadResult Find(in TcpSocketId id, out TcpSocket found) => socket.Find(id, out found).Result;

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private ulong Discarded()
    {
        var sum = 0UL;
        foreach (ref readonly var one in All.Span)
        {
            sum += one.Drops;
        }

        return sum;
    }

    private void FindGroups(NetnsScratch scratch)
    {
        scratch.Once.Clear();
        scratch.Twice.Clear();
        foreach (ref readonly var one in All.Span)
        {
            if (!scratch.Once.Add((one.Address, one.Port, one.Interface)))
            {
                scratch.Twice.Add((one.Address, one.Port, one.Interface));
            }
        }

        _isForDumps.Clear();
        scratch.Hidden.Clear();
        HasGroups = false;
        foreach (ref readonly var one in All.Span)
        {
            var isHidden = Contains(_hidden, one.Cookie) || Contains(_missed, one.Cookie);
            if (isHidden)
            {
                scratch.Hidden.Add(one.Cookie);
            }

            var isForDumps = isHidden || scratch.Twice.Contains((one.Address, one.Port, one.Interface));
            _isForDumps.Add(isForDumps);
            HasGroups |= isForDumps;
        }

        _missed.Clear();
        scratch.Hidden.CopyTo(_hidden);
    }

    private static bool Contains(ValueList<ulong> cookies, ulong cookie) => cookies.Count > 0 && cookies.Span.Contains(cookie);

    /// <summary>
    /// Takes the answers to requests. They come in the order of the requests, and those for sockets that are gone are missing.
    /// </summary>
    private struct Answers(NetnsSockets sockets, NetnsScratch scratch) : ITcpSocketVisitor
    {
        private int _next;

        public bool Visit(in TcpSocket socket)
        {
            for (var i = _next; i < scratch.Ids.Count; i++)
            {
                if (scratch.Ids[i].Cookie != socket.Cookie)
                {
                    continue;
                }

                if (socket.State == TcpState.Listen)
                {
                    SkipTo(i);
                    ref var one = ref sockets.All[scratch.Indexes[i]];
                    sockets.HasMoved |= one.Drops != socket.Drops;
                    one.QueueLength = socket.ReceiveQueue;
                    one.QueueLimit = socket.SendQueue;
                    one.Drops = socket.Drops;
                    _next = i + 1;
                }

                break;
            }

            return true;
        }

        /// <summary>The sockets up to here were not found.</summary>
        public void SkipTo(int index)
        {
            for (; _next < index; _next++)
            {
                sockets.WantsDump = true;
                if (!Contains(sockets._missed, scratch.Ids[_next].Cookie))
                {
                    sockets._missed.Add(scratch.Ids[_next].Cookie);
                }
            }
        }
    }
}
