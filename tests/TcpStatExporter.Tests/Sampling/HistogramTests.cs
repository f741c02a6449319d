using Shouldly;
using TcpStatExporter.Sampling;
using Xunit;

namespace TcpStatExporter.Tests.Sampling;

public sealed class HistogramTests
{
    private static readonly double[] Bounds = [0, 0.5, 1];

    [Fact]
    public void Puts_each_value_into_the_first_bucket_with_a_sufficient_bound()
    {
        var histogram = default(Histogram);
        foreach (var value in new[] { 0, 0.25, 0.5, 0.500_001, 1, 1.1, 7 })
        {
            histogram.Observe(Bounds, value);
        }

        histogram.Counts(Bounds).ToArray().ShouldBe([1UL, 2, 2, 2]);
        histogram.Sum.ShouldBe(10.350_001, 1e-9);
        histogram.Sums(Bounds).ToArray().ShouldBe([0, 0.75, 1.500_001, 8.1], 1e-9);
    }

    [Fact]
    public void Is_a_value()
    {
        var histogram = default(Histogram);
        histogram.Observe(Bounds, 0);
        var copy = histogram;
        histogram.Observe(Bounds, 0);
        copy.Counts(Bounds)[0].ShouldBe(1UL);
    }

    [Fact]
    public void Has_room_for_the_bounds_in_use()
    {
        ListenerSample.FillRatioBounds.Length.ShouldBeLessThan(Histogram.MaxBuckets);
        SourceStatistics.DurationBounds.Length.ShouldBeLessThan(Histogram.MaxBuckets);
    }
}
