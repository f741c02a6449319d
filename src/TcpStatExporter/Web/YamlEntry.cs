using System.Globalization;

namespace TcpStatExporter.Web;

/// <summary>A key of a YAML file with its value, and the words to say what is wrong with it.</summary>
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

    /// <summary>The key, without those that it stands under.</summary>
    public string Key { get; }

    /// <summary>The key with those that it stands under: "tls_server_config.cert_file".</summary>
    public string Path => _parent.Length == 0 ? Key : $"{_parent}.{Key}";

    /// <summary>The keys at the top of a file; none for an empty one.</summary>
    /// <param name="file">Path of the file, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <exception cref="WebConfigException">It is no YAML, or no mapping.</exception>
    public static IEnumerable<YamlEntry> Parse(string file, string text) => YamlReader.Read(file, text) switch
    {
        null or { IsNull: true } => [],
        { Entries: { } entries } => Entries(file, parent: "", entries),
        var root => throw new WebConfigException(string.Create(CultureInfo.InvariantCulture, $"{file}, line {root.Line}: this is not keys and values.")),
    };

    /// <summary>The keys under this one; none where it has no value.</summary>
    public IEnumerable<YamlEntry> Entries() => _value switch
    {
        { Entries: { } entries } => Entries(_file, Path, entries),
        { IsNull: true } => [],
        _ => throw Wrong("keys and values belong here"),
    };

    /// <summary>The text; null where there is none or a blank one.</summary>
    public string? Text() => _value switch
    {
        { IsNull: true } => null,
        { Text: { } text } => string.IsNullOrWhiteSpace(text) ? null : text,
        _ => throw Wrong("a text belongs here"),
    };

    /// <summary>The texts of a list; a blank one is wrong.</summary>
    public IReadOnlyList<string> Texts() => _value switch
    {
        { IsNull: true } => [],
        { Items: { } items } => [.. items.Select(item => item is { Text: { Length: > 0 } text } ? text : throw Wrong("a list of texts belongs here", item.Line))],
        _ => throw Wrong("a list belongs here, such as [a, b]"),
    };

    /// <summary>Yes or no, in the words of YAML 1.1 that Go's reader knows; null where there is no value.</summary>
    public bool? Flag() => Text() switch
    {
        null => null,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => false,
        var text => throw Wrong($"'{text}' is not true or false"),
    };

    /// <summary>One of some words.</summary>
    /// <param name="words">The words, each with what it stands for.</param>
    /// <param name="otherwise">What no value stands for.</param>
    /// <typeparam name="T">What they stand for.</typeparam>
    public T Choice<T>(IReadOnlyDictionary<string, T> words, T otherwise)
    {
        if (Text() is not { } text)
        {
            return otherwise;
        }

        return words.TryGetValue(text, out var value) ? value : throw Wrong($"'{text}' is not {OneOf(words.Keys)}");
    }

    /// <summary>An error of this key.</summary>
    /// <param name="what">What is wrong, without a full stop.</param>
    /// <param name="mayPass">The fault may pass although no file changes.</param>
    public WebConfigException Wrong(string what, bool mayPass = false) => Wrong(what, _line, mayPass);

    /// <summary>An error of a key that nothing knows.</summary>
    /// <param name="known">What is known there.</param>
    public WebConfigException Unknown(params IEnumerable<string> known) => Wrong($"no such key; it may be {OneOf(known)}");

    /// <summary>Words as a sentence has them: "a, b or c".</summary>
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
