using System.Globalization;

namespace TcpStatExporter.Web;

/// <summary>A key of a YAML file with its value. Creates the error messages about it.</summary>
internal sealed class YamlEntry
{
    private readonly string _file;
    private readonly string _parent;
    private readonly long _line;
    private readonly YamlNode _value;

    private YamlEntry(string file, string parent, string key, long line, YamlNode value)
    {
        _file = file;
        _parent = parent;
        Key = key;
        _line = line;
        _value = value;
    }

    /// <summary>The key without its parents.</summary>
    public string Key { get; }

    /// <summary>The key with its parents: "tls_server_config.cert_file".</summary>
    public string Path => _parent.Length == 0 ? Key : $"{_parent}.{Key}";

    /// <summary>Returns the top-level keys of a file. Empty for an empty file.</summary>
    /// <param name="file">Path of the file, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <exception cref="WebConfigException">The text is not YAML, or not a mapping.</exception>
    public static IEnumerable<YamlEntry> Parse(string file, string text) => YamlReader.Read(file, text) switch
    {
        null or { IsNull: true } => [],
        { Entries: { } entries } => Entries(file, parent: "", entries),
        var root => throw new WebConfigException(string.Create(CultureInfo.InvariantCulture, $"{file}, line {root.Line}: expected keys and values.")),
    };

    /// <summary>Returns the keys below this one. Empty if it has no value.</summary>
    public IEnumerable<YamlEntry> Entries() => _value switch
    {
        { Entries: { } entries } => Entries(_file, Path, entries),
        { IsNull: true } => [],
        _ => throw Wrong("expected keys and values"),
    };

    /// <summary>Returns the text, or null if it is missing or blank.</summary>
    public string? Text() => _value switch
    {
        { IsNull: true } => null,
        { Text: { } text } => string.IsNullOrWhiteSpace(text) ? null : text,
        _ => throw Wrong("expected a text"),
    };

    /// <summary>Returns the texts of a list. A blank text is an error.</summary>
    public IReadOnlyList<string> Texts() => _value switch
    {
        { IsNull: true } => [],
        { Items: { } items } => [.. items.Select(item => item is { Text: { Length: > 0 } text } ? text : throw Wrong("expected a list of texts", item.Line))],
        _ => throw Wrong("expected a list, such as [a, b]"),
    };

    /// <summary>Returns a boolean, in the YAML 1.1 words that Go's parser knows. Null if there is no value.</summary>
    public bool? Flag() => Text() switch
    {
        null => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => false,
        var text => throw Wrong($"'{text}' is not true or false"),
    };

    /// <summary>Returns what one of several words stands for.</summary>
    /// <param name="words">The words and what they stand for.</param>
    /// <param name="otherwise">Returned if there is no value.</param>
    /// <typeparam name="T">The result type.</typeparam>
    public T Choice<T>(IReadOnlyDictionary<string, T> words, T otherwise)
    {
        if (Text() is not { } text)
        {
            return otherwise;
        }

        return words.TryGetValue(text, out var value) ? value : throw Wrong($"'{text}' is not {OneOf(words.Keys)}");
    }

    /// <summary>Creates an error about this key.</summary>
    /// <param name="what">What is wrong, without a full stop.</param>
    /// <param name="mayPass">The error may go away without a change to a file.</param>
    public WebConfigException Wrong(string what, bool mayPass = false) => Wrong(what, _line, mayPass);

    /// <summary>Creates an error about an unknown key.</summary>
    /// <param name="known">The known keys.</param>
    public WebConfigException Unknown(params IEnumerable<string> known) => Wrong($"unknown key; valid keys: {string.Join(", ", known)}");

    /// <summary>Joins words for a sentence: "a, b or c".</summary>
    public static string OneOf(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }

    private static IEnumerable<YamlEntry> Entries(string file, string parent, IReadOnlyList<(string Key, long Line, YamlNode Value)> entries) =>
        entries.Select(entry => new YamlEntry(file, parent, entry.Key, entry.Line, entry.Value));

    private WebConfigException Wrong(string what, long line, bool mayPass = false) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_file}, line {line}: {Path}: {what}."), mayPass);
}
