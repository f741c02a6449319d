using System.Buffers.Text;

namespace TcpStatExporter.Exposition;

/// <summary>
/// The number of one sample. Integers are written exactly; doubles by the shortest digits that read back as the same
/// double, or as <c>NaN</c>, <c>+Inf</c>, <c>-Inf</c>. <c>default</c> is 0.
/// </summary>
public readonly struct MetricValue
{
    /// <summary>The longest number in bytes: a double with sign, 17 digits, point and <c>E-308</c>.</summary>
    internal const int MaxLength = 24;

    private readonly long _bits;
    private readonly Kind _kind;

    private MetricValue(long bits, Kind kind)
    {
        _bits = bits;
        _kind = kind;
    }

    private enum Kind : byte
    {
        Signed,
        Unsigned,
        Real,
    }

    /// <summary>An exact integer.</summary>
    /// <param name="value">Any value.</param>
    public static implicit operator MetricValue(long value) => new(value, Kind.Signed);

    /// <summary>An exact integer.</summary>
    /// <param name="value">Any value.</param>
    public static implicit operator MetricValue(int value) => (long)value;

    /// <summary>An exact integer.</summary>
    /// <param name="value">Any value.</param>
    public static implicit operator MetricValue(uint value) => (long)value;

    /// <summary>An exact integer.</summary>
    /// <param name="value">Any value.</param>
    public static implicit operator MetricValue(ulong value) => new(unchecked((long)value), Kind.Unsigned);

    /// <summary>A real number.</summary>
    /// <param name="value">Any value.</param>
    public static implicit operator MetricValue(double value) => new(BitConverter.DoubleToInt64Bits(value), Kind.Real);

    /// <summary>Writes the number.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    internal int Format(Span<byte> destination)
    {
        int written;
        switch (_kind)
        {
            case Kind.Signed:
                Utf8Formatter.TryFormat(_bits, destination, out written);
                return written;
            case Kind.Unsigned:
                Utf8Formatter.TryFormat(unchecked((ulong)_bits), destination, out written);
                return written;
            default:
                return Format(BitConverter.Int64BitsToDouble(_bits), destination);
        }
    }

    private static int Format(double value, Span<byte> destination)
    {
        if (double.IsInfinity(value))
        {
            var infinity = value > 0 ? "+Inf"u8 : "-Inf"u8;
            infinity.CopyTo(destination);
            return infinity.Length;
        }

        Utf8Formatter.TryFormat(value, destination, out var written);
        return written;
    }
}
