using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Counts and sums of observations by bucket, as a value: copying it copies both. The bounds are the caller's, the same
/// at every call.
/// </summary>
internal struct Histogram
{
    /// <summary>Most buckets it can hold, the one above the last bound included.</summary>
    public const int MaxBuckets = 16;

    private BucketCounts _counts;
    private BucketSums _sums;

    /// <summary>Sum of all observations.</summary>
    public readonly double Sum
    {
        get
        {
            var sum = 0.0;
            foreach (var of in _sums)
            {
                sum += of;
            }

            return sum;
        }
    }

    /// <summary>Observations in each bucket, not cumulated; the bucket after the last bound takes what lies above it.</summary>
    /// <param name="bounds">Upper bounds, ascending, each included in its bucket.</param>
    [UnscopedRef]
    public readonly ReadOnlySpan<ulong> Counts(ReadOnlySpan<double> bounds) => _counts[..(bounds.Length + 1)];

    /// <summary>Sum of the observations in each bucket.</summary>
    /// <param name="bounds">Upper bounds, ascending, each included in its bucket.</param>
    [UnscopedRef]
    public readonly ReadOnlySpan<double> Sums(ReadOnlySpan<double> bounds) => _sums[..(bounds.Length + 1)];

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
        _sums[bucket] += value;
    }

    [InlineArray(MaxBuckets)]
    private struct BucketCounts
    {
        private ulong _first;
    }

    [InlineArray(MaxBuckets)]
    private struct BucketSums
    {
        private double _first;
    }
}
