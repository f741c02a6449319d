namespace TcpStatExporter.Exposition;

/// <summary>The two escapings that the formats know.</summary>
internal static class Escaping
{
    /// <summary>For HELP in text 0.0.4: backslash and line feed.</summary>
    public static string Line(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    /// <summary>For label values, and for HELP in OpenMetrics: the double quote as well.</summary>
    public static string Quoted(string text) => Line(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
