using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Connection tracking: net.netfilter.nf_conntrack_count and <c>/proc/net/stat/nf_conntrack</c>. Absent if the kernel does
/// not track connections.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="buffer">Buffer to read into, shared by the sources of one thread.</param>
internal sealed class ConntrackSource(NetNamespace net, ProcFileBuffer buffer) : ISource
{
    private readonly ProcFile _count = net.Parameter("net/netfilter/nf_conntrack_count");
    private readonly ProcFile _statistics = net.File("stat/nf_conntrack", isIterated: true);
    private ConntrackCounts _last;

    /// <inheritdoc/>
    public SourceId Id => SourceId.Conntrack;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var counts = default(ConntrackCounts);
        var entries = ReadEntries(ref counts);
        var statistics = ReadStatistics(ref counts);
        snapshot.Conntrack = _last = counts;
        return (entries.Error, statistics.Error) switch
        {
            (SourceError.None, SourceError.None or SourceError.NotFound) or (SourceError.NotFound, SourceError.None) => ReadResult.Ok,
            (SourceError.NotFound, SourceError.NotFound) => ReadResult.Absent,
            (SourceError.None, var error) => ReadResult.OkDespite(error),
            (var error, SourceError.None) => ReadResult.OkDespite(error),
            (SourceError.NotFound, var error) => ReadResult.Failed(error),
            (var error, _) => ReadResult.Failed(error),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _count.Dispose();
        _statistics.Dispose();
    }

    private ReadResult ReadEntries(ref ConntrackCounts counts)
    {
        var result = _count.Read(buffer);
        var value = default(SysctlValue);
        if (result.IsOk)
        {
            result = SysctlNumbers.Parse(buffer.Content, ref value).ToReadResult();
        }

        (counts.Entries, counts.HasEntries) = (value.First, result.IsOk);
        return result;
    }

    /// <summary>
    /// The file has one line per possible processor. That is too much to read every second for a table that nobody uses.
    /// </summary>
    private ReadResult ReadStatistics(ref ConntrackCounts counts)
    {
        if (_last is { HasEntries: true, Entries: 0, HasStatistics: true } && counts is { HasEntries: true, Entries: 0 })
        {
            (counts.Statistics, counts.HasStatistics) = (_last.Statistics, true);
            return ReadResult.Ok;
        }

        var result = _statistics.Read(buffer);
        if (result.IsOk)
        {
            result = NfConntrackStat.Parse(buffer.Content, ref counts.Statistics).ToReadResult();
        }

        counts.HasStatistics = result.IsOk;
        return result;
    }
}
