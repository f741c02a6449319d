using System.Text;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class BucketBoundsTests
{
    /// <summary>The examples of OpenMetrics 1.0, "Canonical Numbers", and what Go's %g makes of a few others.</summary>
    [Theory]
    [InlineData(0, "0", "0.0")]
    [InlineData(0.001, "0.001", "0.001")]
    [InlineData(0.25, "0.25", "0.25")]
    [InlineData(0.95, "0.95", "0.95")]
    [InlineData(1, "1", "1.0")]
    [InlineData(1.7, "1.7", "1.7")]
    [InlineData(10, "10", "10.0")]
    [InlineData(1e-10, "1e-10", "1e-10")]
    [InlineData(1e-9, "1e-09", "1e-09")]
    [InlineData(1e-5, "1e-05", "1e-05")]
    [InlineData(0.0001, "0.0001", "0.0001")]
    [InlineData(100_000, "100000", "100000.0")]
    [InlineData(1e6, "1e+06", "1e+06")]
    [InlineData(1e10, "1e+10", "1e+10")]
    [InlineData(1_048_576, "1.048576e+06", "1.048576e+06")]
    [InlineData(1_234_567.5, "1.2345675e+06", "1.2345675e+06")]
    [InlineData(2.5e-5, "2.5e-05", "2.5e-05")]
    [InlineData(1.5e300, "1.5e+300", "1.5e+300")]
    public void Bounds_are_spelt_canonically(double bound, string text, string openMetrics)
    {
        var bounds = new BucketBounds(bound);
        bounds.Labels(ExpositionFormat.PrometheusText).Select(Encoding.UTF8.GetString)
            .ShouldBe([$"le=\"{text}\"", "le=\"+Inf\""]);
        bounds.Labels(ExpositionFormat.OpenMetrics).Select(Encoding.UTF8.GetString)
            .ShouldBe([$"le=\"{openMetrics}\"", "le=\"+Inf\""]);
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.0, 1.0)]
    [InlineData(2.0, 1.0)]
    public void Bounds_ascend_from_zero_and_are_finite(params double[] bounds) =>
        Should.Throw<ArgumentException>(() => new BucketBounds(bounds));

    [Fact]
    public void There_is_one_bucket_more_than_bounds()
    {
        new BucketBounds(0.5, 1).BucketCount.ShouldBe(3);
        new BucketBounds().BucketCount.ShouldBe(1);
    }
}
