namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// The counters of one group of <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c>, in the kernel's order. The names change
/// only if the kernel does.
/// </summary>
public sealed class CounterTable : Part
{
    private string[] _names = [];
    private ulong[] _values = [];

    /// <summary>Names as the kernel prints them.</summary>
    public ReadOnlySpan<string> Names => _names;

    /// <summary>
    /// Values, in the order of <see cref="Names"/>. A value that the kernel prints signed (MaxConn: −1 for no limit) is
    /// stored in two's complement.
    /// </summary>
    public Span<ulong> Values => _values;

    /// <summary>Replaces the names. All values become 0.</summary>
    /// <param name="names">Names as the kernel prints them. The table keeps this array.</param>
    public void SetNames(string[] names)
    {
        _names = names;
        _values = new ulong[names.Length];
    }

    /// <summary>Takes the names of another table; values become 0 unless the names are the same already.</summary>
    /// <param name="other">The other table.</param>
    public void TakeNames(CounterTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(_names, other._names))
        {
            return;
        }

        if (_names.AsSpan().SequenceEqual(other._names))
        {
            // read by another parser: the next comparison is quick
            _names = other._names;
            return;
        }

        SetNames(other._names);
    }

    /// <summary>Removes all counters. Allocates nothing if there are none.</summary>
    public void Clear()
    {
        if (_names.Length > 0)
        {
            SetNames([]);
        }
    }

    /// <summary>Index of a counter, or −1.</summary>
    /// <param name="name">Kernel spelling.</param>
    public int IndexOf(string name) => Array.IndexOf(_names, name);

    /// <summary>Copies all names and values to <paramref name="other"/>.</summary>
    /// <param name="other">The table to overwrite.</param>
    public void CopyTo(CounterTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!ReferenceEquals(other._names, _names))
        {
            other.SetNames(_names);
        }

        Values.CopyTo(other._values);
    }

    /// <inheritdoc/>
    protected internal override void CopyTo(Part other) => CopyTo((CounterTable)other);
}
