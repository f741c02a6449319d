namespace TcpStatExporter.Web;

/// <summary>A value of a YAML file: a text, a list, or a mapping.</summary>
/// <param name="Line">Line where it begins, starting with 1.</param>
internal sealed record YamlNode(long Line)
{
    /// <summary>The text. Null for a list or a mapping.</summary>
    public string? Text { get; init; }

    /// <summary>True if the value is missing or null.</summary>
    public bool IsNull { get; init; }

    /// <summary>The items of a list. Null if it is not a list.</summary>
    public IReadOnlyList<YamlNode>? Items { get; init; }

    /// <summary>
    /// The keys of a mapping with their lines, in the order of the file. Null if it is not a mapping. No key occurs twice.
    /// </summary>
    public IReadOnlyList<(string Key, long Line, YamlNode Value)>? Entries { get; init; }
}
