using System.Text;

namespace TcpStatExporter.Exposition;

/// <summary>
/// The immutable description of one metric family, encoded once: everything of a page that is neither label nor value.
/// </summary>
public sealed class MetricFamily
{
    private const string CounterSuffix = "_total";
    private const string InfoSuffix = "_info";

    /// <summary>Suffixes that the formats add to a family's name themselves.</summary>
    private static readonly string[] ReservedSuffixes = [CounterSuffix, InfoSuffix, "_bucket", "_count", "_sum", "_created"];

    private readonly byte[] _textOpening;
    private readonly byte[] _openMetricsOpening;

    /// <summary>Describes a family. What is refused is a bug in the program, not bad input.</summary>
    /// <param name="name">
    /// The name that queries use: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>, ending with <c>_total</c> for a counter and
    /// <c>_info</c> for an info, and with no suffix that the formats reserve for any other.
    /// </param>
    /// <param name="type">What kind of value its samples are.</param>
    /// <param name="help">What it means, in a sentence; not blank.</param>
    /// <param name="unit">
    /// A base unit such as <c>seconds</c> or <c>bytes</c>, which must be the last word of the name, <c>_total</c> aside;
    /// null for none, as for every info. Text 0.0.4 does not print it.
    /// </param>
    /// <exception cref="ArgumentException">Name, help or unit break these rules.</exception>
    public MetricFamily(string name, MetricType type, string help, string? unit = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(help);
        var suffix = type switch
        {
            MetricType.Counter => CounterSuffix,
            MetricType.Info => InfoSuffix,
            _ => "",
        };
        if (!Names.IsValid(name) || !name.EndsWith(suffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{name}' cannot be the name of a {type} family.", nameof(name));
        }

        var stem = name[..^suffix.Length];
        if (stem.Length == 0 || (suffix.Length == 0 && ReservedSuffixes.Any(s => name.EndsWith(s, StringComparison.Ordinal))))
        {
            throw new ArgumentException($"'{name}' is, or ends with, a reserved suffix.", nameof(name));
        }

        if (unit is not null && (unit.Length == 0 || type == MetricType.Info || !stem.EndsWith($"_{unit}", StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{unit}' cannot be the unit of {type} '{name}'.", nameof(unit));
        }

        Name = name;
        Type = type;
        Help = help;
        Unit = unit;

        var sampleName = type == MetricType.Histogram ? $"{name}_bucket" : name;
        var unitLine = unit is null ? "" : $"# UNIT {stem} {unit}\n";
        _textOpening = Encoding.UTF8.GetBytes(
            $"# HELP {name} {Escaping.Line(help)}\n# TYPE {name} {TextKeyword(type)}\n{sampleName}");
        _openMetricsOpening = Encoding.UTF8.GetBytes(
            $"# HELP {stem} {Escaping.Quoted(help)}\n# TYPE {stem} {OpenMetricsKeyword(type)}\n{unitLine}{sampleName}");
        SampleName = Encoding.UTF8.GetBytes(sampleName);
        SumName = Encoding.UTF8.GetBytes($"{name}_sum");
        CountName = Encoding.UTF8.GetBytes($"{name}_count");
        CreatedName = Encoding.UTF8.GetBytes($"{stem}_created");
    }

    /// <summary>The name that queries use.</summary>
    public string Name { get; }

    /// <summary>What kind of value its samples are.</summary>
    public MetricType Type { get; }

    /// <summary>What it means, unescaped.</summary>
    public string Help { get; }

    /// <summary>Base unit, or null.</summary>
    public string? Unit { get; }

    /// <summary>Name of a sample; for a histogram, of a bucket.</summary>
    internal byte[] SampleName { get; }

    internal byte[] SumName { get; }

    internal byte[] CountName { get; }

    internal byte[] CreatedName { get; }

    /// <summary>
    /// The header and, behind it, <see cref="SampleName"/>: what stands before the labels of the first sample.
    /// </summary>
    internal byte[] Opening(ExpositionFormat format) =>
        format == ExpositionFormat.OpenMetrics ? _openMetricsOpening : _textOpening;

    private static string TextKeyword(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge or MetricType.Info => "gauge",
        _ => "histogram",
    };

    private static string OpenMetricsKeyword(MetricType type) => type == MetricType.Info ? "info" : TextKeyword(type);
}
