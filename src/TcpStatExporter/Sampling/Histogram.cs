using System.Runtime.CompilerServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Counts of observations by bucket, as a value: copying it copies the counts. The bounds are the caller's, the same
/// at every call.
/// </summary>
internal struct Histogram
{
    /// <summary>Most buckets it can hold, the one above the last bound included.</summary>
    public const int MaxBuckets = 16;

    private Buckets _counts;

    /// <summary>Sum of all observations.</summary>
    public double Sum { get; private set; }

    /// <summary>Observations in each bucket, not cumulated; the bucket after the last bound takes what lies above it.</summary>
    /// <param name="bounds">Upper bounds, ascending, each included in its bucket.</param>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<ulong> Counts(ReadOnlySpan<double> bounds) => _counts[..(bounds.Length + 1)];

    /// <summary>Takes one observation.</summary>
    /// <param name="bounds">Upper bounds, ascending; at most <see cref="MaxBuckets"/> − 1.</param>
    /// <param name="value">The value observed.</param>
    public void Observe(ReadOnlySpan<double> bounds, double value)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
        {
            bucket++;
        }

        _counts[bucket]++;
        Sum += value;
    }

    [InlineArray(MaxBuckets)]
    private struct Buckets
    {
        private ulong _first;
    }
}
