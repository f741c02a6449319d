using System.Globalization;
using TcpStatExporter.Metrics;

namespace TcpStatExporter.Web;

/// <summary>
/// Chooses the answer for a client's headers (RFC 9110, 12.5). Every input gets an answer. Invalid elements are ignored. One
/// pass over at most <see cref="MaxHeaderLength"/> characters decides.
/// </summary>
internal static class Negotiation
{
    /// <summary>A longer header is treated as absent. Headers of real clients have fewer than 500 characters.</summary>
    public const int MaxHeaderLength = 4096;

    /// <summary>
    /// Returns OpenMetrics if the client names it, in version 1.0.0 or without a version, and does not rank it below text
    /// 0.0.4. All others get text 0.0.4: clients that accept anything, send nothing, or accept neither. A readable page helps
    /// them more than an error.
    /// </summary>
    /// <param name="accept">The Accept header, with multiple values joined by commas, or null.</param>
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

    /// <summary>Returns true if the body may be compressed with gzip.</summary>
    /// <param name="acceptEncoding">The Accept-Encoding header, with multiple values joined by commas, or null.</param>
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

    /// <summary>How closely an element of the header matches our format. The closest match counts.</summary>
    private enum Rank
    {
        None,
        Any,
        Type,
        Named,
        NamedWithVersion,
    }

    /// <summary>The header's preference for one of our formats.</summary>
    private struct Preference
    {
        private Rank _rank;

        /// <summary>From 0 (not acceptable or not mentioned) to 1.</summary>
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
    /// One element between commas: <c>name;version=…;q=…</c>. Other parameters are ignored. A comma in a quoted parameter
    /// splits it into two elements, but no scraper sends that.
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
