using System.Globalization;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Web;

/// <summary>
/// What to answer a client that sent these headers (RFC 9110, 12.5). Every input has an answer: an element that cannot
/// be read is passed over, and one pass over at most <see cref="MaxHeaderLength"/> characters decides.
/// </summary>
internal static class Negotiation
{
    /// <summary>A longer header is treated as absent; those of real clients have under 500 characters.</summary>
    public const int MaxHeaderLength = 4096;

    /// <summary>
    /// OpenMetrics for a client that names it, in version 1.0.0 or in none, and ranks it no lower than text 0.0.4.
    /// Text 0.0.4 for all others: those that take anything, those that send nothing, and those that accept neither,
    /// since a page that can be read by eye serves them better than an error.
    /// </summary>
    /// <param name="accept">The Accept header, several joined by commas, or null.</param>
    public static ExpositionFormat Choose(string? accept)
    {
        var openMetrics = default(Preference);
        var text = default(Preference);
        var header = Bound(accept);
        foreach (var range in header.Split(','))
        {
            if (!Element.TryParse(header[range], out var element))
            {
                continue;
            }

            if (element.Is("application/openmetrics-text"))
            {
                openMetrics.Consider(element.VersionRank("1.0.0"), element.Quality);
            }
            else if (element.Is("text/plain"))
            {
                text.Consider(element.VersionRank("0.0.4"), element.Quality);
            }
            else if (element.Is("text/*"))
            {
                text.Consider(Rank.Type, element.Quality);
            }
            else if (element.Is("*/*"))
            {
                text.Consider(Rank.Any, element.Quality);
            }
        }

        return openMetrics.Quality > 0 && openMetrics.Quality >= text.Quality
            ? ExpositionFormat.OpenMetrics
            : ExpositionFormat.PrometheusText;
    }

    /// <summary>True if the body may be compressed with gzip.</summary>
    /// <param name="acceptEncoding">The Accept-Encoding header, several joined by commas, or null.</param>
    public static bool AcceptsGzip(string? acceptEncoding)
    {
        var gzip = default(Preference);
        var header = Bound(acceptEncoding);
        foreach (var range in header.Split(','))
        {
            if (!Element.TryParse(header[range], out var element))
            {
                continue;
            }

            if (element.Is("gzip") || element.Is("x-gzip"))
            {
                gzip.Consider(Rank.Named, element.Quality);
            }
            else if (element.Is("*"))
            {
                gzip.Consider(Rank.Any, element.Quality);
            }
        }

        return gzip.Quality > 0;
    }

    private static ReadOnlySpan<char> Bound(string? header) => header?.Length <= MaxHeaderLength ? header : [];

    /// <summary>How closely an element of the header names what we have. The closest one counts.</summary>
    private enum Rank
    {
        None,
        Any,
        Type,
        Named,
        NamedWithVersion,
    }

    /// <summary>What the header says of one thing that we have.</summary>
    private struct Preference
    {
        private Rank _rank;

        /// <summary>From 0, not acceptable or not mentioned, to 1.</summary>
        public double Quality { get; private set; }

        public void Consider(Rank rank, double quality)
        {
            if (rank != Rank.None && (rank > _rank || (rank == _rank && quality > Quality)))
            {
                _rank = rank;
                Quality = quality;
            }
        }
    }

    /// <summary>
    /// One element between commas: <c>name;version=…;q=…</c>, other parameters ignored. A comma inside a quoted
    /// parameter, which no scraper sends, makes two elements.
    /// </summary>
    private readonly ref struct Element
    {
        private readonly ReadOnlySpan<char> _name;
        private readonly ReadOnlySpan<char> _version;

        private Element(ReadOnlySpan<char> name, ReadOnlySpan<char> version, double quality)
        {
            _name = name;
            _version = version;
            Quality = quality;
        }

        public double Quality { get; }

        public static bool TryParse(ReadOnlySpan<char> text, out Element element)
        {
            element = default;
            var end = text.IndexOf(';');
            var name = end < 0 ? text : text[..end];
            var parameters = end < 0 ? [] : text[(end + 1)..];
            ReadOnlySpan<char> version = [];
            var quality = 1.0;
            foreach (var range in parameters.Split(';'))
            {
                var parameter = parameters[range];
                var equals = parameter.IndexOf('=');
                if (equals < 0)
                {
                    continue;
                }

                var key = parameter[..equals].Trim();
                var value = parameter[(equals + 1)..].Trim().Trim('"');
                if (key.Equals("version", StringComparison.OrdinalIgnoreCase))
                {
                    version = value;
                }
                else if (key.Equals("q", StringComparison.OrdinalIgnoreCase)
                    && (!double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out quality)
                        || quality is not (>= 0 and <= 1)))
                {
                    return false;
                }
            }

            element = new Element(name.Trim(), version, quality);
            return true;
        }

        public bool Is(string name) => _name.Equals(name, StringComparison.OrdinalIgnoreCase);

        public Rank VersionRank(string version) =>
            _version.IsEmpty ? Rank.Named : _version.SequenceEqual(version) ? Rank.NamedWithVersion : Rank.None;
    }
}
