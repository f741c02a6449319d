using System.Buffers;

namespace TcpStatExporter.Metrics;

/// <summary>The immutable description of one metric family: everything of it that is neither label value nor number.</summary>
internal sealed class MetricFamily
{
    private const string CounterSuffix = "_total";
    private const string InfoSuffix = "_info";

    /// <summary>Suffixes that the formats add to a family's name themselves.</summary>
    private static readonly string[] ReservedSuffixes = [CounterSuffix, InfoSuffix, "_bucket", "_count", "_sum", "_created"];

    /// <summary>Characters of a name. Colons are for recording rules alone.</summary>
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>What a format would have to escape in a help, and prometheus-net does not.</summary>
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\\"\n\r");

    /// <summary>Describes a family. What is refused is a bug in the program, not bad input.</summary>
    /// <param name="name">
    /// The name that queries use: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>, ending with <c>_total</c> for a counter and
    /// <c>_info</c> for an info, and with no suffix that the formats reserve for any other.
    /// </param>
    /// <param name="type">What kind of value its samples are.</param>
    /// <param name="help">What it means, in a sentence; not blank, in one line, without backslash and double quote.</param>
    /// <param name="labels">Names of its labels.</param>
    /// <exception cref="ArgumentException">A name or the help breaks these rules.</exception>
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

    /// <summary>The name that queries use.</summary>
    public string Name { get; }

    /// <summary>What kind of value its samples are.</summary>
    public MetricType Type { get; }

    /// <summary>What it means.</summary>
    public string Help { get; }

    /// <summary>Names of its labels. A series may lack the last ones.</summary>
    public string[] Labels { get; }

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameCharacters);
}
