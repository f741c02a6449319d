namespace TcpStatExporter.Kernel.Model;

/// <summary>The kernel parameters at the time of one sample.</summary>
public sealed class SysctlTable : Part
{
    private readonly SysctlValue[] _values = new SysctlValue[Enum.GetValues<Sysctl>().Length];

    /// <summary>The ports in ip_local_reserved_ports.</summary>
    public PortSet ReservedPorts { get; } = new();

    /// <summary>The value of a parameter, by reference.</summary>
    /// <param name="name">The parameter.</param>
    public ref SysctlValue this[Sysctl name] => ref _values[(int)name];

    /// <summary>Copies the values to <paramref name="other"/>.</summary>
    /// <param name="other">The table to overwrite.</param>
    public void CopyTo(SysctlTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _values.AsSpan().CopyTo(other._values);
        ReservedPorts.CopyTo(other.ReservedPorts);
    }

    /// <inheritdoc/>
    protected internal override void CopyTo(Part other) => CopyTo((SysctlTable)other);
}
