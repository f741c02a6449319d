using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Counters of <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c>.</summary>
internal sealed class CounterSource : ISource
{
    private readonly ProcFile _file;
    private readonly ProcFileBuffer _buffer;

    private CounterSource(SourceId id, string path, ProcFileBuffer buffer)
    {
        Id = id;
        _file = new ProcFile(path);
        _buffer = buffer;
    }

    /// <inheritdoc/>
    public SourceId Id { get; }

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <summary>The group <c>Tcp</c>.</summary>
    /// <param name="net">The folder that shows the network namespace.</param>
    /// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
    public static CounterSource Snmp(string net, ProcFileBuffer buffer) => new(SourceId.Snmp, Path.Combine(net, "snmp"), buffer);

    /// <summary>The group <c>TcpExt</c>.</summary>
    /// <param name="net">The folder that shows the network namespace.</param>
    /// <param name="buffer">Memory to read into, shared by the sources of one thread.</param>
    public static CounterSource Netstat(string net, ProcFileBuffer buffer) => new(SourceId.Netstat, Path.Combine(net, "netstat"), buffer);

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
