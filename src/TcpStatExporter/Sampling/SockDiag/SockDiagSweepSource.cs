using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>All sockets, for a sweep. Also checks sockstat.</summary>
/// <param name="tally">The tally to fill.</param>
/// <param name="net">The network namespace.</param>
/// <param name="timeWait">Compares sockstat with the count of the dump.</param>
/// <param name="stopping">Stops a read early. Its result must not be published.</param>
internal sealed class SockDiagSweepSource(SweepTally tally, NetNamespace net, TimeWaitCheck timeWait, CancellationToken stopping) : ISource
{
    private const int MaxFileSize = 4096;

    // a million connections take one second of CPU time, and several seconds on a busy machine; nobody waits for it
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SockDiagConnection _connection = new(net, stopping, Patience);
    private readonly ProcFile _sockstat = net.File("sockstat");
    private readonly ProcFileBuffer _buffer = new(MaxFileSize);

    /// <inheritdoc/>
    public SourceId Id => SourceId.Sweep;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Netlink;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var visitor = new SweepTally.Visitor(tally);
        var before = ReadTimeWait();
        var result = _connection.Dump(InetDiagRequest.Sweep, visitor, static tally => tally.Reset(), tally);
        if (result == ReadResult.Ok && before is { } first && ReadTimeWait() is { } last && !stopping.IsCancellationRequested)
        {
            timeWait.Compare(first, tally.Minisockets, last);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _sockstat.Dispose();
    }

    /// <summary>Returns tw from sockstat, or null if it cannot be read.</summary>
    private long? ReadTimeWait()
    {
        var counts = default(SockstatCounts);
        return _sockstat.Read(_buffer).IsOk && Sockstat.Parse(_buffer.Content, ref counts, out _).IsNone ? counts.TcpTimeWait : null;
    }
}
