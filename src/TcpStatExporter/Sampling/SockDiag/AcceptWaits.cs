using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Measures how long connections wait to be accepted. A connection that nobody has accepted (inode 0, ESTABLISHED or
/// CLOSE_WAIT) has sent nothing, so tcpi_last_data_sent is its age in the queue: net/ipv4/tcp_minisocks.c sets lsndtime when
/// the child socket is created, and data from the client does not change it. Accurate to one jiffy (1 to 10 ms).
/// </summary>
/// <remarks>
/// Nothing is read while all queues are empty. Once one is not empty, each call reads the lengths of the queues, and the
/// oldest known connections one by one. When no known connections are left, a dump finds new ones. Dumps take at most half of
/// the budget.
/// </remarks>
/// <param name="net">The network namespace.</param>
/// <param name="budget">CPU budget for dumps. Null: no limit.</param>
/// <param name="cpu">Returns the CPU time used by the calling thread.</param>
/// <param name="stopping">Stops a dump early.</param>
internal sealed class AcceptWaits(NetNamespace net, CpuBudget? budget, Func<TimeSpan> cpu, CancellationToken stopping) : IQueueWatch, IConnectionLookup
{
    /// <summary>Maximum number of queued connections to follow, over all listeners. Each listener gets at least a few.</summary>
    public const int MostFollowed = 4096;

    private const int LeastFollowed = 16;

    /// <summary>The share of the budget for these dumps.</summary>
    private const double ShareOfBudget = 0.5;

    /// <summary>Age at which a dump is repeated, because only dumps report the memory of the queues.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(10);

    private readonly SockDiagConnection _connection = new(net, stopping);
    private readonly QueueUse _use = new();
    private TimeSpan _nextDump;
    private TimeSpan _lastDump;
    private bool _isDown;
    private bool _isFirst = true;

    /// <summary>Returns how many queued connections of one listener are followed.</summary>
    /// <param name="inUse">Number of queues in use. At least 1.</param>
    public static int MostOf(int inUse) => Math.Max(LeastFollowed, MostFollowed / inUse);

    /// <inheritdoc/>
    public bool IsActive(TimeSpan now) => _use.IsActive(now);

    /// <inheritdoc/>
    public void Sampled(ListenerTable listeners, TimeSpan now) => _use.Sampled(listeners, now);

    /// <inheritdoc/>
    public void Look(ListenerTable listeners, Func<TimeSpan> time)
    {
        var looks = new QueueLengths(listeners);
        if (_connection.Dump(InetDiagRequest.Listeners, looks, static table => table.BeginQueueLook(), listeners).Status == SourceStatus.Failed)
        {
            return;
        }

        var now = time();
        var mayDump = now >= _nextDump;
        _isDown = false;
        var unknown = listeners.FollowQueues(this, now, mayDump, out var inUse);
        _use.Examined(inUse, now);
        if (_isDown || stopping.IsCancellationRequested)
        {
            return;
        }

        if (mayDump && (unknown > 0 || (inUse > 0 && now - _lastDump > Refresh)))
        {
            var start = cpu();
            Dump(listeners, MostOf(inUse), time);
            _lastDump = time();
            Pay(cpu() - start);
        }
    }

    /// <inheritdoc/>
    public bool TryFind(in TcpSocketId id, out TcpSocket socket)
    {
        var found = _connection.Find(id, out socket);
        _isDown |= !found.IsOk;
        return found.IsOk && socket.State != TcpState.None;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    /// <summary>Only dumps grow with the number of sockets, so only they are paid for. The first one is free: it includes JIT compilation.</summary>
    private void Pay(TimeSpan cost)
    {
        if (budget is not null && !_isFirst)
        {
            budget.Spend(cost);
            _nextDump = _lastDump + (cost / (budget.Share * ShareOfBudget));
        }

        _isFirst = false;
    }

    private void Dump(ListenerTable listeners, int max, Func<TimeSpan> time)
    {
        var visitor = new QueuedVisitor(listeners, max);
        var result = _connection.Dump(InetDiagRequest.Queued, visitor, static table => table.BeginQueueDump(), listeners);
        if (result.Status != SourceStatus.Failed && !stopping.IsCancellationRequested)
        {
            listeners.EndQueueDump(this, time);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly struct QueuedVisitor(ListenerTable listeners, int max) : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket)
        {
            if (socket.Inode == 0)
            {
                listeners.AddQueued(in socket, max);
            }

            return true;
        }
    }
}
