using System.Globalization;
using System.Text;

namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>
/// An exposition in the Prometheus text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/), read more strictly than Prometheus does: what the
/// format tolerates and this exporter never writes is an error too (timestamps, blank lines, other comments, families
/// without HELP and TYPE in this order, samples apart from their family).
/// </summary>
internal sealed class Scrape
{
    private static readonly string[] Types = ["counter", "gauge", "histogram", "summary", "untyped"];

    private readonly Dictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricSample> _samples = new(StringComparer.Ordinal);
    private List<MetricSample> _current = [];

    private Scrape(string text) => Text = text;

    /// <summary>The text itself.</summary>
    public string Text { get; }

    /// <summary>Families by name.</summary>
    public IReadOnlyDictionary<string, MetricFamily> Families => _families;

    /// <summary>Reads an exposition.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The first line that is wrong, by its number.</exception>
    public static Scrape Parse(string text)
    {
        var scrape = new Scrape(text);
        if (text.Length > 0 && text[^1] != '\n')
        {
            throw new FormatException("the last line does not end");
        }

        var lines = text.Split('\n')[..^1];
        MetricFamily? family = null;
        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                if (lines[i].StartsWith("# HELP ", StringComparison.Ordinal))
                {
                    CheckFamily(family);
                    family = scrape.StartFamily(lines[i], i + 1 < lines.Length ? lines[i + 1] : "");
                    i++;
                }
                else
                {
                    scrape.AddSample(family ?? throw new FormatException("sample without a family"), lines[i]);
                }
            }
            catch (FormatException exception)
            {
                throw new FormatException($"line {i + 1}: {exception.Message}: {lines[i]}", exception);
            }
        }

        CheckFamily(family);
        return scrape;
    }

    /// <summary>The value of one series that must be there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">All of its labels, in any order.</param>
    /// <exception cref="KeyNotFoundException">It is not there; the message lists those of that name.</exception>
    public double Value(string name, params (string Name, string Value)[] labels) =>
        _samples.TryGetValue(KeyOf(name, labels), out var sample)
            ? sample.Value
            : throw new KeyNotFoundException(
                $"no {KeyOf(name, labels)}, only: {string.Join(", ", _samples.Keys.Where(key => key.Split('{')[0].Equals(name, StringComparison.Ordinal)))}");

    /// <summary>Whether one series is there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="labels">All of its labels, in any order.</param>
    public bool Contains(string name, params (string Name, string Value)[] labels) => _samples.ContainsKey(KeyOf(name, labels));

    /// <summary>Every series of a name, in the order of the text; none where the family is absent.</summary>
    /// <param name="name">The name, suffix of a histogram included.</param>
    public IReadOnlyList<MetricSample> Samples(string name) =>
        [.. _families.Values.SelectMany(family => family.Samples).Where(sample => sample.Name.Equals(name, StringComparison.Ordinal))];

    private static string KeyOf(string name, IEnumerable<(string Name, string Value)> labels) =>
        $"{name}{{{string.Join(',', labels.OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}=\"{Escape(label.Value)}\""))}}}";

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void CheckFamily(MetricFamily? family)
    {
        if (family is { Samples.Count: 0 })
        {
            throw new FormatException($"{family.Name}: a family without samples");
        }

        if (family is { Type: "histogram" })
        {
            foreach (var series in family.Samples.GroupBy(sample => KeyOf("", sample.Labels.Where(label => label.Key is not "le").Select(label => (label.Key, label.Value))), StringComparer.Ordinal))
            {
                CheckHistogram(family.Name, [.. series]);
            }
        }
    }

    private static void CheckHistogram(string name, MetricSample[] series)
    {
        var buckets = series.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToArray();
        var bounds = buckets.Select(bucket => ParseValue(bucket["le"])).ToArray();
        var counts = buckets.Select(bucket => bucket.Value).ToArray();
        var isSound = bounds is [.., double.PositiveInfinity]
            && bounds.Zip(bounds.Skip(1)).All(pair => pair.First < pair.Second)
            && counts.Zip(counts.Skip(1)).All(pair => pair.First <= pair.Second)
            && series.Count(sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal)) == 1
            && series.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value.Equals(counts[^1]);
        if (!isSound)
        {
            throw new FormatException($"{name}: not a histogram: buckets ascending to +Inf, counts never falling, a sum, and a count equal to the last bucket");
        }
    }

    private static bool Belongs(MetricFamily family, MetricSample sample)
    {
        if (!sample.Name.StartsWith(family.Name, StringComparison.Ordinal))
        {
            return false;
        }

        return (family.Type, sample.Name[family.Name.Length..]) switch
        {
            ("histogram", "_bucket") => sample.Labels.ContainsKey("le"),
            ("histogram" or "summary", "_sum" or "_count") => true,
            ("summary", "") => sample.Labels.ContainsKey("quantile"),
            ("histogram", _) => false,
            (_, "") => true,
            _ => false,
        };
    }

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ when double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) => value,
        _ => throw new FormatException("not a number"),
    };

    private static string ParseName(string text, ref int at, bool colons)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_' || (colons && text[at] == ':') || (at > start && char.IsAsciiDigit(text[at]))))
        {
            at++;
        }

        return at > start ? text[start..at] : throw new FormatException("no name");
    }

    private static string ParseQuoted(string text, ref int at)
    {
        Expect(text, ref at, '"');
        var value = new StringBuilder();
        while (at < text.Length && text[at] != '"')
        {
            value.Append(text[at] == '\\' ? Unescape(text, ref at, "\\\"n") : text[at]);
            at++;
        }

        Expect(text, ref at, '"');
        return value.ToString();
    }

    private static char Unescape(string text, ref int at, string allowed)
    {
        at++;
        return at < text.Length && allowed.Contains(text[at], StringComparison.Ordinal)
            ? text[at] == 'n' ? '\n' : text[at]
            : throw new FormatException("unknown escape");
    }

    private static void Expect(string text, ref int at, char expected)
    {
        if (at >= text.Length || text[at] != expected)
        {
            throw new FormatException($"'{expected}' expected at column {at + 1}");
        }

        at++;
    }

    private static MetricSample ParseSample(string line)
    {
        var at = 0;
        var name = ParseName(line, ref at, colons: true);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (at < line.Length && line[at] == '{')
        {
            do
            {
                at++;
                var label = ParseName(line, ref at, colons: false);
                Expect(line, ref at, '=');
                if (!labels.TryAdd(label, ParseQuoted(line, ref at)))
                {
                    throw new FormatException("a label twice");
                }
            }
            while (at < line.Length && line[at] == ',');
            Expect(line, ref at, '}');
        }

        Expect(line, ref at, ' ');
        return new MetricSample(name, labels, ParseValue(line[at..]));
    }

    private MetricFamily StartFamily(string help, string type)
    {
        var at = "# HELP ".Length;
        var name = ParseName(help, ref at, colons: true);
        Expect(help, ref at, ' ');
        var text = new StringBuilder();
        for (; at < help.Length; at++)
        {
            text.Append(help[at] == '\\' ? Unescape(help, ref at, "\\n") : help[at]);
        }

        var start = $"# TYPE {name} ";
        if (!type.StartsWith(start, StringComparison.Ordinal) || !Types.Contains(type[start.Length..], StringComparer.Ordinal))
        {
            throw new FormatException("HELP without its TYPE below");
        }

        _current = [];
        var family = new MetricFamily(name, text.ToString(), type[start.Length..], _current);
        return _families.TryAdd(name, family) ? family : throw new FormatException("a family twice");
    }

    private void AddSample(MetricFamily family, string line)
    {
        var sample = ParseSample(line);
        if (!Belongs(family, sample))
        {
            throw new FormatException($"not of the family {family.Name}");
        }

        if (family.Type is "counter" && !(sample.Value >= 0))
        {
            throw new FormatException("a counter below 0");
        }

        if (!_samples.TryAdd(KeyOf(sample.Name, sample.Labels.Select(label => (label.Key, label.Value))), sample))
        {
            throw new FormatException("a series twice");
        }

        _current.Add(sample);
    }
}
