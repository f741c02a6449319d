using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TcpStatExporter.Exposition.Tests;

/// <summary>
/// A naive and strict reader of both formats, written from their specifications and apart from the writer. It throws a
/// <see cref="FormatException"/> at the first thing that a scraper could object to.
/// </summary>
internal sealed partial class PageReader
{
    private readonly bool _openMetrics;
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);
    private readonly List<Sample> _samples = [];
    private string _name = "";
    private string _type = "";
    private string _unit = "";
    private bool _hasSamples;

    private PageReader(ExpositionFormat format) => _openMetrics = format == ExpositionFormat.OpenMetrics;

    public static IReadOnlyList<Sample> Read(ExpositionFormat format, string page)
    {
        var reader = new PageReader(format);
        Require(page.Length == 0 || page[^1] == '\n', "the page does not end with a line feed");
        string[] lines = page.Length == 0 ? [] : page[..^1].Split('\n');
        if (reader._openMetrics)
        {
            Require(lines.Length > 0 && lines[^1] is "# EOF", "the page does not end with # EOF");
            lines = lines[..^1];
        }

        foreach (var line in lines)
        {
            reader.ReadLine(line);
        }

        Require(lines.Length == 0 || reader._hasSamples, $"family {reader._name} has no sample");
        reader.CheckHistograms();
        return reader._samples;
    }

    /// <summary>Labels by hand, one character after another.</summary>
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
            for (at = equals + 2; text[at] != '"'; at++)
            {
                Require(text[at] != '\n', "a line feed stands in a label");
                value.Append(text[at] != '\\' ? text[at] : text[++at] switch
                {
                    'n' => '\n',
                    '\\' => '\\',
                    '"' => '"',
                    var other => throw new FormatException($"\\{other} is no escape"),
                });
            }

            at++;
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
                Require(_families.Count == 0 || _hasSamples, $"family {_name} has no sample");
                Require(_families.Add(name), $"family {name} is not in one piece");
                Require(HelpText(_openMetrics).IsMatch(text), $"bad escape in the help of {name}");
                (_name, _type, _unit, _hasSamples) = (name, "", "", false);
                break;
            case "TYPE":
                Require(IsCurrent(name) && _type.Length == 0, $"stray TYPE of {name}");
                _type = text;
                break;
            case "UNIT":
                Require(IsCurrent(name) && _openMetrics && _unit.Length == 0, $"stray UNIT of {name}");
                Require(name.EndsWith("_" + text, StringComparison.Ordinal), $"unit {text} is not the suffix of {name}");
                _unit = text;
                break;
            default:
                throw new FormatException($"unknown keyword {keyword}");
        }
    }

    private bool IsCurrent(string name) => name.Equals(_name, StringComparison.Ordinal) && !_hasSamples;

    private void ReadSample(string line)
    {
        var match = SampleLine().Match(line);
        Require(match.Success, $"not a sample: {line}");
        var name = match.Groups["name"].Value;
        Require(name.StartsWith(_name, StringComparison.Ordinal) && Suffixes().Contains(name[_name.Length..]), $"{name} is no sample of the {_type} {_name}");
        Require(_series.Add(name + match.Groups["labels"].Value), $"series twice: {line}");
        _hasSamples = true;
        _samples.Add(new Sample(name, ReadLabels(match.Groups["labels"].Value), ReadNumber(match.Groups["value"].Value)));
    }

    private string[] Suffixes() => (_type, _openMetrics) switch
    {
        ("histogram", false) => ["_bucket", "_sum", "_count"],
        ("histogram", true) => ["_bucket", "_sum", "_count", "_created"],
        ("counter", true) => ["_total", "_created"],
        ("info", true) => ["_info"],
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

    /// <summary>Buckets ascend in le and never in count downwards; the last is +Inf and equals the count.</summary>
    private void CheckHistograms()
    {
        Sample? bucket = null;
        foreach (var sample in _samples)
        {
            if (sample.Name.EndsWith("_bucket", StringComparison.Ordinal))
            {
                if (bucket is not null && !double.IsPositiveInfinity(bucket.UpperBound))
                {
                    Require(sample.UpperBound > bucket.UpperBound, $"le of {sample.Name} does not ascend");
                    Require(sample.Value >= bucket.Value, $"{sample.Name} is not cumulative");
                }

                bucket = sample;
            }
            else if (sample.Name.EndsWith("_count", StringComparison.Ordinal))
            {
                Require(bucket is not null && double.IsPositiveInfinity(bucket.UpperBound), $"{sample.Name} has no +Inf bucket");
                Require(sample.Value.Equals(bucket!.Value), $"{sample.Name} is not its +Inf bucket");
            }
        }
    }

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*$", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_][a-zA-Z0-9_]*)(\{(?<labels>.+)\})? (?<value>NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(E[+-][0-9]+)?)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex SampleLine();

    private static Regex HelpText(bool openMetrics) => openMetrics ? QuotedHelp() : Help();

    [GeneratedRegex(@"^([^\\\n]|\\[\\n])*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Help();

    [GeneratedRegex(@"^([^\\\n""]|\\[\\n""])*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex QuotedHelp();

    internal sealed record Sample(string Name, List<(string Name, string Value)> Labels, double Value)
    {
        public double UpperBound => ReadNumber(Labels.Single(label => label.Name is "le").Value);
    }
}
