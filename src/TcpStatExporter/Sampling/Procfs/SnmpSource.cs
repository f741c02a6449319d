using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Counters of <c>/proc/net/snmp</c>, groups Tcp and Udp, and the UDP counters of <c>/proc/net/snmp6</c>. To print snmp6, the
/// kernel sums ninety counters over all processors, and only a few UDP errors in it are used, so it is read less often.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="buffer">Buffer to read into, shared by the sources of one thread.</param>
/// <param name="pace">When to read snmp6.</param>
internal sealed class SnmpSource(NetNamespace net, ProcFileBuffer buffer, ReadingPace pace) : ISource
{
    private readonly ProcFile _file = net.File("snmp");
    private readonly ProcFile _file6 = net.File("snmp6");

    /// <inheritdoc/>
    public SourceId Id => SourceId.Snmp;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = _file.Read(buffer);
        if (!result.IsOk)
        {
            return result;
        }

        var error = Kernel.Procfs.Snmp.Parse(buffer.Content, snapshot.Snmp);
        if (!error.IsNone)
        {
            return error.ToReadResult();
        }

        var udp = Kernel.Procfs.Snmp.ParseUdp(buffer.Content, snapshot.UdpCounters).Kind;
        var udp6 = ReadUdp6(snapshot.Udp6Counters);
        return ReadResult.OkDespite(udp == SourceError.None ? udp6 : udp);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _file6.Dispose();
    }

    private SourceError ReadUdp6(CounterTable table)
    {
        if (!pace.IsDue)
        {
            return SourceError.None;
        }

        pace.Begin();
        var result = _file6.Read(buffer);
        var error = result.IsOk ? Kernel.Procfs.Snmp6.Parse(buffer.Content, table).Kind : result.Error;
        if (error != SourceError.None)
        {
            table.Clear();
        }

        pace.End(succeeded: true);

        // the file does not exist on a host without IPv6
        return error == SourceError.NotFound ? SourceError.None : error;
    }
}
