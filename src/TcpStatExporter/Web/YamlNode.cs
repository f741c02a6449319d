namespace TcpStatExporter.Web;

/// <summary>A value of a YAML file: a text, a list, or keys with their values.</summary>
/// <param name="Line">Line on which it begins, from 1.</param>
internal sealed record YamlNode(long Line)
{
    /// <summary>The text; null where it is a list or has keys.</summary>
    public string? Text { get; init; }

    /// <summary>Whether there is nothing: no value, or a null.</summary>
    public bool IsNull { get; init; }

    /// <summary>What the list holds; null where it is no list.</summary>
    public IReadOnlyList<YamlNode>? Items { get; init; }

    /// <summary>The keys, each with its line, in the order of the file; null where it has none. No key is there twice.</summary>
    public IReadOnlyList<(string Key, long Line, YamlNode Value)>? Entries { get; init; }
}
