using System.Text.Unicode;

namespace TcpStatExporter.Metrics;

/// <summary>Limits the length of label values.</summary>
internal static class LabelValue
{
    /// <summary>
    /// Maximum length of a value in UTF-8 bytes, before escaping. Values that differ only after that become equal.
    /// </summary>
    public const int MaxLength = 256;

    /// <summary>Returns the value, cut between characters if it is too long.</summary>
    /// <param name="value">Any text.</param>
    public static string Bound(string value)
    {
        if (value.Length <= MaxLength / 3)
        {
            // a UTF-16 code unit takes at most three bytes
            return value;
        }

        Utf8.FromUtf16(value, stackalloc byte[MaxLength], out var fitting, out _);
        return value[..fitting];
    }
}
