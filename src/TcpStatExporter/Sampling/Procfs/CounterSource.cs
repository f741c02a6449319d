using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Counters of <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c>.</summary>
internal sealed class CounterSource : ISource
{
    private readonly ProcFile _file;
    private readonly ProcFileBuffer _buffer;

    private CounterSource(SourceId id, ProcFile file, ProcFileBuffer buffer)
    {
        Id = id;
        _file = file;
        _buffer = buffer;
    }

    /// <inheritdoc/>
    public SourceId Id { get; }

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <summary>The group <c>Tcp</c>.</summary>
    /// <param name="net">The network namespace.</param>
    /// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
    public static CounterSource Snmp(NetNamespace net, ProcFileBuffer buffer) => new(SourceId.Snmp, net.File("snmp"), buffer);

    /// <summary>The group <c>TcpExt</c>.</summary>
    /// <param name="net">The network namespace.</param>
    /// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
    public static CounterSource Netstat(NetNamespace net, ProcFileBuffer buffer) => new(SourceId.Netstat, net.File("netstat"), buffer);

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = _file.Read(_buffer);
        if (!result.IsOk)
        {
            return result;
        }

        var error = Id == SourceId.Snmp
            ? Kernel.Procfs.Snmp.Parse(_buffer.Content, snapshot.Snmp)
            : Kernel.Procfs.Netstat.Parse(_buffer.Content, snapshot.Netstat);
        return error.ToReadResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
