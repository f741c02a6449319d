using System.Globalization;

namespace TcpStatExporter.Exposition;

/// <summary>Upper bounds of a histogram's buckets, with their <c>le</c> labels encoded once.</summary>
public sealed class BucketBounds
{
    private readonly byte[][] _textLabels;
    private readonly byte[][] _openMetricsLabels;

    /// <summary>Bounds of all buckets but the last, which is always +Inf.</summary>
    /// <param name="upperBounds">
    /// Inclusive upper bounds: finite and ascending, and not negative, since OpenMetrics then allows no sum.
    /// </param>
    /// <exception cref="ArgumentException">The bounds are not so.</exception>
    public BucketBounds(params ReadOnlySpan<double> upperBounds)
    {
        for (var i = 0; i < upperBounds.Length; i++)
        {
            if (!double.IsFinite(upperBounds[i]) || upperBounds[i] < 0 || (i > 0 && upperBounds[i] <= upperBounds[i - 1]))
            {
                throw new ArgumentException("Bounds must be finite, ascending and not negative.", nameof(upperBounds));
            }
        }

        string[] values = [.. upperBounds.ToArray().Select(Canonical), "+Inf"];
        _textLabels = [.. values.Select(value => LabelSet.Encode("le", value))];
        _openMetricsLabels = [.. values.Select(value => LabelSet.Encode("le", AsReal(value)))];
    }

    /// <summary>Buckets, that of +Inf included: one more than there are bounds.</summary>
    public int BucketCount => _textLabels.Length;

    /// <summary>The <c>le</c> pair of each bucket.</summary>
    internal byte[][] Labels(ExpositionFormat format) =>
        format == ExpositionFormat.OpenMetrics ? _openMetricsLabels : _textLabels;

    /// <summary>
    /// The spelling that OpenMetrics calls canonical, and that Go gives by <c>%g</c>: the shortest digits, with an
    /// exponent below 1e-04 and from 1e+06. Series made by different exporters then have the same <c>le</c>.
    /// </summary>
    private static string Canonical(double bound)
    {
        var shortest = bound.ToString("R", CultureInfo.InvariantCulture);
        if (bound is 0 or (>= 1e-4 and < 1e6))
        {
            return shortest;
        }

        // .NET gives an exponent from 1E+15 only: take what it gave apart, into digits and the power of ten of the first
        var parts = shortest.Split('E');
        var power = parts.Length == 2
            ? int.Parse(parts[1], CultureInfo.InvariantCulture)
            : parts[0].Split('.')[0].Length - 1;
        var digits = parts[0].Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e{power:+00;-00}");
    }

    private static string AsReal(string number) => number.AsSpan().ContainsAny(".eI") ? number : $"{number}.0";
}
