using System.Text;
using System.Text.Unicode;

namespace TcpStatExporter.Exposition;

/// <summary>
/// Labels encoded once, as they stand between the braces of a sample: <c>address="0.0.0.0",port="80"</c>. Make one when
/// the thing it describes appears, and write it with every sample.
/// </summary>
public sealed class LabelSet
{
    /// <summary>
    /// Most bytes of UTF-8 that a value keeps, before escaping; the rest is cut off between characters. Values that
    /// differ only beyond that become equal.
    /// </summary>
    public const int MaxValueLength = 256;

    private readonly string[] _names;
    private readonly byte[] _encoded;

    private LabelSet(string[] names, byte[] encoded)
    {
        _names = names;
        _encoded = encoded;
    }

    /// <summary>No labels.</summary>
    public static LabelSet Empty { get; } = new([], []);

    internal ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>These labels and one more.</summary>
    /// <param name="name">
    /// <c>[a-zA-Z_][a-zA-Z0-9_]*</c>, not in the set yet. Names that Prometheus keeps for itself (<c>__…</c>) and those
    /// that the formats do (<c>le</c>, <c>quantile</c>) are refused.
    /// </param>
    /// <param name="value">Any text. Broken UTF-16 becomes U+FFFD; see <see cref="MaxValueLength"/>.</param>
    /// <exception cref="ArgumentException">The name cannot be used.</exception>
    public LabelSet With(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!Names.IsValid(name) || name.StartsWith("__", StringComparison.Ordinal) || name is "le" or "quantile")
        {
            throw new ArgumentException($"'{name}' cannot be the name of a label.", nameof(name));
        }

        if (_names.Contains(name, StringComparer.Ordinal))
        {
            throw new ArgumentException($"There is a label '{name}' already.", nameof(name));
        }

        ReadOnlySpan<byte> comma = _encoded.Length > 0 ? ","u8 : [];
        return new LabelSet([.. _names, name], [.. _encoded, .. comma, .. Encode(name, Bound(value))]);
    }

    /// <summary>The labels as they are written.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_encoded);

    /// <summary>One label pair. For the names that <see cref="With"/> refuses, too.</summary>
    internal static byte[] Encode(string name, string value) =>
        Encoding.UTF8.GetBytes($"{name}=\"{Escaping.Quoted(value)}\"");

    private static string Bound(string value)
    {
        Utf8.FromUtf16(value, stackalloc byte[MaxValueLength], out var fitting, out _);
        return value[..fitting];
    }
}
