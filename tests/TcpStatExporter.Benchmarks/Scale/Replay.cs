using System.Buffers;
using System.Globalization;
using System.Text;

namespace TcpStatExporter.Benchmarks.Scale;

/// <summary>
/// The page of one exporter, varied as if many hosts served it: counters continue at their rate, gauges vary by a tenth, and
/// values that were zero or fixed stay.
/// </summary>
internal sealed class Replay
{
    private const string Samples = "tcpstat_samples_total";

    private readonly List<Line> _lines = [];
    private readonly double _uptime;

    /// <summary>Parses a page.</summary>
    /// <param name="page">An exposition in OpenMetrics.</param>
    public Replay(string page)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in page.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '#')
            {
                var words = line.Split(' ');
                if (words[1] == "TYPE")
                {
                    types[words[2]] = words[3];
                }

                _lines.Add(new Line(Encoding.UTF8.GetBytes(line + "\n"), 0, Kind.Text));
                continue;
            }

            var end = line.LastIndexOf(' ');
            var name = line[..line.AsSpan().IndexOfAny('{', ' ')];
            var value = double.Parse(line.AsSpan(end + 1), CultureInfo.InvariantCulture);
            _lines.Add(new Line(Encoding.UTF8.GetBytes(line[..(end + 1)]), value, KindOf(name, types)));
            if (line.Contains("{netns=\"", StringComparison.Ordinal))
            {
                PodSeries++;
            }
            else if (line.Split(",port=\"") is [_, var port])
            {
                Listeners.Add(port.Split('"')[0]);
                ListenerSeries++;
            }

            _uptime = name == Samples ? value : _uptime;
        }

        if (_uptime <= 0)
        {
            throw new ArgumentException($"no {Samples} on the page", nameof(page));
        }
    }

    private enum Kind
    {
        Text,
        Fixed,
        Counter,
        Gauge,
        Time,
    }

    /// <summary>Number of series on the page.</summary>
    public int Series => _lines.Count(line => line.Kind != Kind.Text);

    /// <summary>How many of them belong to a listener of the host.</summary>
    public int ListenerSeries { get; }

    /// <summary>How many of them have the name of a pod.</summary>
    public int PodSeries { get; }

    /// <summary>The listeners of the host, by port.</summary>
    public HashSet<string> Listeners { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes the page of one host.</summary>
    /// <param name="to">The output.</param>
    /// <param name="host">The host's number.</param>
    /// <param name="elapsed">Seconds since the page was scraped.</param>
    public void Write(IBufferWriter<byte> to, int host, double elapsed)
    {
        var random = new Random(HashCode.Combine(host, (int)elapsed));
        foreach (var line in _lines)
        {
            to.Write(line.Text);
            if (line.Kind == Kind.Text)
            {
                continue;
            }

            var value = line.Kind switch
            {
                Kind.Counter => line.Value * (1 + (elapsed / _uptime)),
                Kind.Gauge => line.Value * (0.9 + (0.2 * random.NextDouble())),
                Kind.Time => line.Value + elapsed,
                _ => line.Value,
            };
            if (double.IsInteger(line.Value) && line.Kind != Kind.Time)
            {
                // a gauge of a few stays as it is
                value = Math.Round(value);
            }

            var text = to.GetSpan(32);
            value.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
            text[length] = (byte)'\n';
            to.Advance(length + 1);
        }
    }

    private static Kind KindOf(string name, Dictionary<string, string> types)
    {
        if (name.EndsWith("_timestamp_seconds", StringComparison.Ordinal))
        {
            // of the last sample, or of when a listener opened
            return name.StartsWith("tcpstat_listen_", StringComparison.Ordinal) ? Kind.Fixed : Kind.Time;
        }

        if (name.EndsWith("_info", StringComparison.Ordinal))
        {
            return Kind.Fixed;
        }

        // a counter, whose name differs from its family's, or part of a histogram
        return !types.ContainsKey(name) ? Kind.Counter
            : name.Contains("limit", StringComparison.Ordinal)
                || name is "tcpstat_sysctl" or "tcpstat_source_up" or "tcpstat_finding" or "tcpstat_peak_window_seconds" or "process_max_fds" or "process_start_time_seconds"
                || name.Contains("ratio", StringComparison.Ordinal) ? Kind.Fixed
            : Kind.Gauge;
    }

    private readonly record struct Line(byte[] Text, double Value, Kind Kind);
}
