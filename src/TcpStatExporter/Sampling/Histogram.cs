using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Counts and sums of observations by bucket. A value type: a copy has its own counts and sums. The caller passes the bounds,
/// which must be the same in each call.
/// </summary>
internal struct Histogram
{
    /// <summary>Maximum number of buckets, including the one above the last bound.</summary>
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

    /// <summary>
    /// Returns the number of observations in each bucket, not cumulative. The bucket after the last bound holds everything
    /// above it.
    /// </summary>
    /// <param name="bounds">Upper bounds, ascending. Each bound belongs to its bucket.</param>
    [UnscopedRef]
    public readonly ReadOnlySpan<ulong> Counts(ReadOnlySpan<double> bounds) => _counts[..(bounds.Length + 1)];

    /// <summary>Returns the sum of the observations in each bucket.</summary>
    /// <param name="bounds">Upper bounds, ascending. Each bound belongs to its bucket.</param>
    [UnscopedRef]
    public readonly ReadOnlySpan<double> Sums(ReadOnlySpan<double> bounds) => _sums[..(bounds.Length + 1)];

    /// <summary>Adds an observation.</summary>
    /// <param name="bounds">Upper bounds, ascending. At most <see cref="MaxBuckets"/> − 1.</param>
    /// <param name="value">The observed value.</param>
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
