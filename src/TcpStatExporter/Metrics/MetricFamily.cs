using System.Buffers;

namespace TcpStatExporter.Metrics;

/// <summary>The immutable description of one metric family: everything except label values and numbers.</summary>
internal sealed class MetricFamily
{
    private const string CounterSuffix = "_total";
    private const string InfoSuffix = "_info";

    /// <summary>Suffixes that the formats themselves add to a family's name.</summary>
    private static readonly string[] ReservedSuffixes = [CounterSuffix, InfoSuffix, "_bucket", "_count", "_sum", "_created"];

    /// <summary>Characters allowed in a name. Colons are only for recording rules.</summary>
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Characters that need escaping in HELP, which prometheus-net does not do.</summary>
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\\"\n\r");

    /// <summary>Describes a family. An invalid description is a bug in the program, not bad input.</summary>
    /// <param name="name">
    /// The name in queries: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>. The name of a counter ends with <c>_total</c>, the name of an info
    /// metric with <c>_info</c>. No other suffix that the formats reserve is allowed.
    /// </param>
    /// <param name="type">The type of its samples.</param>
    /// <param name="help">What it means, in a sentence. Not blank, on one line, without backslashes and double quotes.</param>
    /// <param name="labels">Names of its labels.</param>
    /// <exception cref="ArgumentException">A name or the HELP breaks these rules.</exception>
    public MetricFamily(string name, MetricType type, string help, params string[] labels)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(help);
        if (help.AsSpan().ContainsAny(Escaped))
        {
            throw new ArgumentException($"The help of '{name}' has a character that needs an escape.", nameof(help));
        }

        var suffix = type switch
        {
            MetricType.Counter => CounterSuffix,
            MetricType.Info => InfoSuffix,
            _ => "",
        };
        if (!IsName(name) || name.Length == suffix.Length || !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{name}' cannot be the name of a {type} family.", nameof(name));
        }

        if (suffix.Length == 0 && ReservedSuffixes.Any(reserved => name.EndsWith(reserved, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{name}' ends with a reserved suffix.", nameof(name));
        }

        if (labels.FirstOrDefault(label => !IsName(label) || label.StartsWith("__", StringComparison.Ordinal) || label is "le" or "quantile") is { } bad)
        {
            throw new ArgumentException($"'{bad}' cannot be the name of a label.", nameof(labels));
        }

        Name = name;
        Type = type;
        Help = help;
        Labels = labels;
    }

    /// <summary>The name in queries.</summary>
    public string Name { get; }

    /// <summary>The type of its samples.</summary>
    public MetricType Type { get; }

    /// <summary>What it means.</summary>
    public string Help { get; }

    /// <summary>Names of its labels. A series may omit the last ones.</summary>
    public string[] Labels { get; }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameCharacters);
}
