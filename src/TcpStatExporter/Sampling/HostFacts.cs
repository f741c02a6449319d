using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What is known about the host. It is the same in all of its network namespaces.</summary>
/// <param name="parts">Receives the lists that are copied.</param>
internal sealed class HostFacts(Parts parts) : Part
{
    private readonly Parts _parts = parts;
    private readonly ValueList<ReadResult> _status = parts.Add(new ValueList<ReadResult>(SourceExtensions.HostCount));
    private readonly ValueList<SourceStatistics> _sources = parts.Add(new ValueList<SourceStatistics>(SourceExtensions.HostCount));
    private readonly ValueList<SysctlValue> _parameters = parts.Add(new ValueList<SysctlValue>(SysctlExtensions.All.Count));
    private Values _values;

    /// <summary>Creates facts that are not known yet.</summary>
    public HostFacts()
        : this(new Parts())
    {
    }

    /// <summary>Memory, and packets dropped from the processors' backlogs. Values that could not be read are absent.</summary>
    public ref MachineFacts Machine => ref _values.Machine;

    /// <summary>TCP sockets of all network namespaces, at each tick. Null if they could not be read.</summary>
    public ref HostSockets? Sockets => ref _values.Sockets;

    /// <summary>A host-wide kernel parameter, at each tick. Valid if the source sysctl is.</summary>
    /// <param name="name">The parameter.</param>
    public ref SysctlValue Parameter(Sysctl name) => ref _parameters[(int)name];

    /// <summary>Statistics about a source since the start.</summary>
    /// <param name="id">The source.</param>
    public ref SourceStatistics this[HostSourceId id] => ref _sources[(int)id];

    /// <summary>The result of the last attempt to read a source.</summary>
    /// <param name="id">The source.</param>
    public ref ReadResult Status(HostSourceId id) => ref _status[(int)id];

    /// <summary>Copies everything to <paramref name="other"/>.</summary>
    /// <param name="other">The facts to overwrite.</param>
    public void CopyTo(HostFacts other)
    {
        other._values = _values;
        _parts.CopyTo(other._parts);
    }

    /// <inheritdoc/>
    protected override void CopyTo(Part other) => CopyTo((HostFacts)other);

    /// <summary>All plain values. They are copied together.</summary>
    private struct Values
    {
        public MachineFacts Machine;
        public HostSockets? Sockets;
    }
}
