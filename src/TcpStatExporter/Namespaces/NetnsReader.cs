using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Namespaces;

/// <summary>Reads the files of a network namespace. Calls must not overlap. Allocates nothing after the first call.</summary>
internal sealed class NetnsReader
{
    private readonly ProcFileBuffer _buffer = new();

    /// <summary>The counters of the last read.</summary>
    public NetnsCounters Counters { get; } = new();

    /// <summary>The socket counts of the last read.</summary>
    public SockstatCounts Sockets { get; private set; }

    /// <summary>Reads a namespace.</summary>
    /// <param name="found">The namespace.</param>
    /// <returns><see cref="SourceError.NotFound"/> if the namespace is gone.</returns>
    public ReadResult Read(FoundNetns found)
    {
        var result = ReadCounters(found);
        return result.IsOk ? ReadSockets(found) : result;
    }

    /// <summary>Reads the counters of a namespace.</summary>
    /// <param name="found">The namespace.</param>
    /// <returns><see cref="SourceError.NotFound"/> if the namespace is gone.</returns>
    public ReadResult ReadCounters(FoundNetns found)
    {
        var result = found.Netstat.Read(_buffer);
        if (!result.IsOk)
        {
            return result;
        }

        var error = Netstat.Parse(_buffer.Content, Counters.Netstat);
        if (!error.IsNone)
        {
            return error.ToReadResult();
        }

        _ = Netstat.ParseMptcp(_buffer.Content, Counters.Mptcp);
        result = found.Snmp.Read(_buffer);
        if (!result.IsOk)
        {
            return result;
        }

        error = Snmp.Parse(_buffer.Content, Counters.Snmp);
        if (!error.IsNone)
        {
            return error.ToReadResult();
        }

        _ = Snmp.ParseUdp(_buffer.Content, Counters.Udp);
        return ReadResult.Ok;
    }

    private ReadResult ReadSockets(FoundNetns found)
    {
        var result = found.Sockstat.Read(_buffer);
        var counts = default(SockstatCounts);
        result = result.IsOk ? Sockstat.Parse(_buffer.Content, ref counts, out _).ToReadResult() : result;
        if (result.IsOk && found.Sockstat6 is not null)
        {
            result = found.Sockstat6.Read(_buffer);
            result = result.IsOk ? Sockstat6.Parse(_buffer.Content, ref counts).ToReadResult() : result;
        }

        Sockets = counts;
        return result;
    }
}
