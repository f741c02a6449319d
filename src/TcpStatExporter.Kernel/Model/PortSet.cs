using System.Numerics;

namespace TcpStatExporter.Kernel.Model;

/// <summary>A set of ports, as a bitmap of 8 KiB.</summary>
public sealed class PortSet
{
    private readonly ulong[] _bits = new ulong[65536 / 64];

    /// <summary>Number of ports in the set.</summary>
    public int Count => CountBetween(0, ushort.MaxValue);

    /// <summary>Removes all ports.</summary>
    public void Clear() => Array.Clear(_bits);

    /// <summary>Adds a port. Adding it twice changes nothing.</summary>
    /// <param name="port">The port.</param>
    public void Add(ushort port) => _bits[port >> 6] |= 1UL << (port & 63);

    /// <summary>Returns true if the set contains a port.</summary>
    /// <param name="port">The port.</param>
    public bool Contains(ushort port) => (_bits[port >> 6] & (1UL << (port & 63))) != 0;

    /// <summary>Returns how many ports of a range are in the set.</summary>
    /// <param name="low">First port.</param>
    /// <param name="high">Last port, inclusive.</param>
    public int CountBetween(ushort low, ushort high)
    {
        if (low > high)
        {
            return 0;
        }

        var first = low >> 6;
        var last = high >> 6;
        var count = 0;
        for (var i = first; i <= last; i++)
        {
            var word = _bits[i];
            if (i == first)
            {
                word &= ulong.MaxValue << (low & 63);
            }

            if (i == last)
            {
                word &= ulong.MaxValue >> (63 - (high & 63));
            }

            count += BitOperations.PopCount(word);
        }

        return count;
    }

    /// <summary>Copies the ports to <paramref name="other"/>.</summary>
    /// <param name="other">The set to overwrite.</param>
    public void CopyTo(PortSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _bits.AsSpan().CopyTo(other._bits);
    }
}
