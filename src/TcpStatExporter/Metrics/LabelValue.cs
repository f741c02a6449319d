using System.Text.Unicode;

namespace TcpStatExporter.Metrics;

/// <summary>Keeps label values within bounds.</summary>
internal static class LabelValue
{
    /// <summary>Most bytes of UTF-8 that a value keeps, before escaping. Values that differ only beyond that become equal.</summary>
    public const int MaxLength = 256;

    /// <summary>The value, cut off between characters where it is too long.</summary>
    /// <param name="value">Any text.</param>
    public static string Bound(string value)
    {
        if (value.Length <= MaxLength / 3)
        {
            // no character of UTF-16 takes more than three bytes
            return value;
        }

        Utf8.FromUtf16(value, stackalloc byte[MaxLength], out var fitting, out _);
        return value[..fitting];
    }
}
