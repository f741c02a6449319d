using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// AF_UNIX sockets that listen, at each tick where that costs little: the kernel walks all AF_UNIX sockets of the namespace. A
/// kernel that has no unix_diag is asked again only now and then, since each question has it look for the module (sock_diag.c,
/// sock_load_diag_module()).
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="table">Takes the sockets, and is told to look at them by <see cref="TcpSnapshot.AreUnixListenersNew"/>.</param>
/// <param name="pace">When to read.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Ends a read before its time: what came of it may not be published.</param>
internal sealed class UnixSource(NetNamespace net, UnixTable table, ReadingPace pace, TimeProvider time, CancellationToken stopping) : ISource
{
    /// <summary>Time after which a kernel that has no unix_diag is asked again.</summary>
    internal static readonly TimeSpan AbsentPause = TimeSpan.FromMinutes(10);

    private readonly SockDiagConnection _connection = new(net, stopping);
    private ReadResult _last;
    private long _absentAt;

    /// <inheritdoc/>
    public SourceId Id => SourceId.Unix;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        snapshot.AreUnixListenersNew = false;
        if (!pace.IsDue || (_last.Status == SourceStatus.Absent && time.GetElapsedTime(_absentAt) < AbsentPause))
        {
            return _last;
        }

        pace.Begin();
        table.Begin();
        _last = _connection.DumpUnixListeners(new Visitor(table, stopping));
        pace.End(_last.IsOk);
        if (_last.Error == SourceError.Unsupported)
        {
            _last = ReadResult.Absent;
            _absentAt = time.GetTimestamp();
        }

        snapshot.AreUnixListenersNew = _last.IsOk;
        return _last;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private readonly struct Visitor(UnixTable table, CancellationToken stopping) : IUnixSocketVisitor
    {
        public bool Visit(in UnixSocket socket)
        {
            table.Add(in socket);
            return !stopping.IsCancellationRequested;
        }
    }
}
