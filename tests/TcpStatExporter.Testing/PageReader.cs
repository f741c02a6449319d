using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TcpStatExporter.Testing;

/// <summary>
/// A naive and strict parser of both formats, written from their specifications. It throws a <see cref="FormatException"/> at
/// the first thing that a scraper could reject. It also rejects what the formats allow but the exporter never writes: blank
/// lines, timestamps, families without HELP and TYPE in this order, samples apart from their family. A family may have no
/// samples, because prometheus-net never forgets a family.
/// </summary>
internal sealed partial class PageReader
{
    private readonly bool _openMetrics;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);
    private readonly List<Family> _families = [];
    private List<Sample> _samples = [];
    private string _name = "";
    private string _help = "";
    private string _type = "";

    private PageReader(bool isOpenMetrics) => _openMetrics = isOpenMetrics;

    /// <summary>Returns the families of a page.</summary>
    public static IReadOnlyList<Family> Read(bool isOpenMetrics, string page)
    {
        var reader = new PageReader(isOpenMetrics);
        Require(page.Length == 0 || page[^1] == '\n', "the page does not end with a line feed");
        string[] lines = page.Length == 0 ? [] : page[..^1].Split('\n');
        if (reader._openMetrics)
        {
            Require(lines.Length > 0 && lines[^1] is "# EOF", "the page does not end with # EOF");
            lines = lines[..^1];
        }

        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                reader.ReadLine(lines[i]);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"line {i + 1}: {exception.Message}: {lines[i]}", exception);
            }
        }

        Require(reader._name.Length == 0 || reader._type.Length > 0, $"family {reader._name} has no TYPE");
        foreach (var family in reader._families.Where(family => family.Type is "histogram"))
        {
            CheckHistograms(family);
        }

        return reader._families;
    }

    /// <summary>Parses labels character by character.</summary>
    public static List<(string Name, string Value)> ReadLabels(string text)
    {
        var labels = new List<(string, string)>();
        var at = 0;
        while (at < text.Length)
        {
            Require(labels.Count == 0 || text[at++] == ',', "labels are not parted by a comma");
            var equals = text.IndexOf("=\"", at, StringComparison.Ordinal);
            Require(equals > at, "a label has no name or value");
            var name = text[at..equals];
            Require(LabelName().IsMatch(name), $"bad label name {name}");
            var value = new StringBuilder();
            for (at = equals + 2; at < text.Length && text[at] != '"'; at++)
            {
                Require(text[at] != '\n', "a line feed stands in a label");
                Require(text[at] != '\\' || at + 1 < text.Length, "an escape does not end");
                value.Append(text[at] != '\\' ? text[at] : text[++at] switch
                {
                    'n' => '\n',
                    '\\' => '\\',
                    '"' => '"',
                    var other => throw new FormatException($"\\{other} is no escape"),
                });
            }

            Require(at++ < text.Length, "a label does not end");
            labels.Add((name, value.ToString()));
        }

        Require(labels.DistinctBy(label => label.Item1, StringComparer.Ordinal).Count() == labels.Count, "a label is there twice");
        return labels;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new FormatException(problem);
        }
    }

    private void ReadLine(string line)
    {
        if (line.StartsWith("# ", StringComparison.Ordinal))
        {
            var words = line.Split(' ', 4);
            Require(words.Length == 4 && words[3].Length > 0, $"short header: {line}");
            ReadHeader(words[1], words[2], words[3]);
        }
        else
        {
            ReadSample(line);
        }
    }

    private void ReadHeader(string keyword, string name, string text)
    {
        switch (keyword)
        {
            case "HELP":
                Require(_names.Add(name), $"family {name} is not in one piece");
                Require(_name.Length == 0 || _type.Length > 0, $"family {_name} has no TYPE");
                Require(HelpText(_openMetrics).IsMatch(text), $"bad escape in the help of {name}");
                (_name, _help, _type, _samples) = (name, text, "", []);
                break;
            case "TYPE":
                Require(name.Equals(_name, StringComparison.Ordinal) && _type.Length == 0, $"stray TYPE of {name}");
                _type = text;
                _families.Add(new Family(_name, _help, _type, _samples));
                break;
            default:
                throw new FormatException($"unknown keyword {keyword}");
        }
    }

    private void ReadSample(string line)
    {
        var match = SampleLine().Match(line);
        Require(match.Success, $"not a sample: {line}");
        var name = match.Groups["name"].Value;
        Require(name.StartsWith(_name, StringComparison.Ordinal) && Suffixes().Contains(name[_name.Length..]), $"{name} is no sample of the {_type} {_name}");
        var labels = ReadLabels(match.Groups["labels"].Value);
        Require(_series.Add(name + string.Join(',', labels.Order())), "a series twice");
        var value = ReadNumber(match.Groups["value"].Value);
        Require(_type is not "counter" || value >= 0, "a counter below 0");
        _samples.Add(new Sample(name, labels, value));
    }

    private string[] Suffixes() => (_type, _openMetrics) switch
    {
        ("histogram", _) => ["_bucket", "_sum", "_count"],
        ("counter", true) => ["_total"],
        ("counter" or "gauge", false) or ("gauge", true) => [""],
        _ => throw new FormatException($"unknown type {_type}"),
    };

    private static double ReadNumber(string text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// Checks that le ascends, counts never decrease, the last bucket is +Inf and equals the count, and there is one sum.
    /// </summary>
    private static void CheckHistograms(Family family)
    {
        foreach (var series in family.Samples.GroupBy(sample => string.Join(',', sample.Labels.Where(label => label.Name is not "le")), StringComparer.Ordinal))
        {
            var buckets = series.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToArray();
            Require(buckets.Length > 0 && double.IsPositiveInfinity(buckets[^1].UpperBound), $"{family.Name} has no +Inf bucket");
            Require(buckets.Zip(buckets.Skip(1)).All(pair => pair.First.UpperBound < pair.Second.UpperBound), $"le of {family.Name} does not ascend");
            Require(buckets.Zip(buckets.Skip(1)).All(pair => pair.First.Value <= pair.Second.Value), $"{family.Name} is not cumulative");
            Require(series.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value.Equals(buckets[^1].Value), $"{family.Name}_count is not its +Inf bucket");
            Require(series.Count(sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal)) == 1, $"{family.Name} has no sum");
        }
    }

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*$", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_][a-zA-Z0-9_]*)(\{(?<labels>.+)\})? (?<value>NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex SampleLine();

    private static Regex HelpText(bool openMetrics) => openMetrics ? QuotedHelp() : Help();

    [GeneratedRegex(@"^([^\\\n]|\\[\\n])*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Help();

    [GeneratedRegex(@"^([^\\\n""]|\\[\\n""])*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex QuotedHelp();

    internal sealed record Family(string Name, string Help, string Type, IReadOnlyList<Sample> Samples);

    internal sealed record Sample(string Name, List<(string Name, string Value)> Labels, double Value)
    {
        public double UpperBound => ReadNumber(Labels.Single(label => label.Name is "le").Value);
    }
}
