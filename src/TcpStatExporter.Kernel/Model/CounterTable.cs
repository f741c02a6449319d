namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// The counters of one group of <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c>, in the kernel's order. The names
/// change only when the kernel does.
/// </summary>
public sealed class CounterTable
{
    private string[] _names = [];
    private ulong[] _values = [];

    /// <summary>Names as the kernel prints them.</summary>
    public ReadOnlySpan<string> Names => _names;

    /// <summary>
    /// Values beside <see cref="Names"/>. A parameter that the kernel prints signed (MaxConn: −1 for no limit) is
    /// kept in two's complement.
    /// </summary>
    public Span<ulong> Values => _values;

    /// <summary>Takes new names; all values become 0.</summary>
    /// <param name="names">Names as the kernel prints them. The array is kept.</param>
    public void SetNames(string[] names)
    {
        _names = names;
        _values = new ulong[names.Length];
    }

    /// <summary>Forgets all counters; no allocation where there are none.</summary>
    public void Clear()
    {
        if (_names.Length > 0)
        {
            SetNames([]);
        }
    }

    /// <summary>Position of a counter, or −1.</summary>
    /// <param name="name">Kernel spelling.</param>
    public int IndexOf(string name) => Array.IndexOf(_names, name);

    /// <summary>Makes <paramref name="other"/> hold the same names and values.</summary>
    /// <param name="other">The table to overwrite.</param>
    public void CopyTo(CounterTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!ReferenceEquals(other._names, _names))
        {
            other.SetNames(_names);
        }

        _values.CopyTo(other._values, 0);
    }
}
