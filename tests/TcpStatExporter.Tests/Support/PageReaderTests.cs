using Shouldly;
using Xunit;

namespace TcpStatExporter.Tests.Support;

/// <summary>The page reader accepts what the exporter may write and nothing else.</summary>
public sealed class PageReaderTests
{
    private const string Gauge = "# HELP a_b Text.\n# TYPE a_b gauge\n";

    private const string Histogram =
        """
        # HELP h Fill.
        # TYPE h histogram
        h_bucket{at="x",le="0"} 1
        h_bucket{at="x",le="0.5"} 1
        h_bucket{at="x",le="+Inf"} 3
        h_sum{at="x"} 2.5
        h_count{at="x"} 3

        """;

    [Fact]
    public void Families_samples_and_escapes_are_read()
    {
        var families = PageReader.Read(
            isOpenMetrics: false,
            """
            # HELP up_total Text.
            # TYPE up_total counter
            up_total 1e+16
            # HELP none Nothing of this.
            # TYPE none gauge
            # HELP q Neither a {} nor a "quote" is special here.
            # TYPE q gauge
            q{port="80",unit="a\\b\"c\nd,e}"} -1.5
            q +Inf
            q{unit=""} NaN

            """);

        families.Select(family => (family.Name, family.Type, family.Samples.Count)).ShouldBe([("up_total", "counter", 1), ("none", "gauge", 0), ("q", "gauge", 3)]);
        families[0].Help.ShouldBe("Text.");
        families[0].Samples.Single().Value.ShouldBe(1e16);
        families[2].Samples[0].Labels.ShouldBe([("port", "80"), ("unit", "a\\b\"c\nd,e}")]);
        families[2].Samples.Select(sample => sample.Value).ShouldBe([-1.5, double.PositiveInfinity, double.NaN]);
    }

    [Fact]
    public void A_histogram_is_read() => PageReader.Read(isOpenMetrics: false, Histogram).Single().Samples.Count.ShouldBe(5);

    [Fact]
    public void OpenMetrics_names_a_counter_without_its_suffix_and_has_an_end()
    {
        const string Page = "# HELP a Text.\n# TYPE a counter\na_total 1.0\n";
        PageReader.Read(isOpenMetrics: true, Page + "# EOF\n").Single().Samples.Single().Name.ShouldBe("a_total");
        Should.Throw<FormatException>(() => PageReader.Read(isOpenMetrics: true, Page));
        Should.Throw<FormatException>(() => PageReader.Read(isOpenMetrics: false, Page));
    }

    [Theory]
    [InlineData("a_b 1\n")]
    [InlineData(Gauge + "a_b 1")]
    [InlineData(Gauge + "a_b 1\n\n")]
    [InlineData(Gauge + "a_b 1\n# EOF\n")]
    [InlineData(Gauge + "a_b\n")]
    [InlineData(Gauge + "a_b  1\n")]
    [InlineData(Gauge + "a_b 1 \n")]
    [InlineData(Gauge + "a_b 1\r\n")]
    [InlineData(Gauge + "a_b 1,5\n")]
    [InlineData(Gauge + "a_b Infinity\n")]
    [InlineData(Gauge + "a_b 1 1700000000000\n")]
    [InlineData(Gauge + "a_b{} 1\n")]
    [InlineData(Gauge + "a_b{x=\"1\",} 1\n")]
    [InlineData(Gauge + "a_b{0=\"1\"} 1\n")]
    [InlineData(Gauge + "a_b{x=\"1\",x=\"2\"} 1\n")]
    [InlineData(Gauge + "a_b{x=\"\\t\"} 1\n")]
    [InlineData(Gauge + "a_b{x=\"1} 1\n")]
    [InlineData(Gauge + "a_b{x=\"1\"}1\n")]
    [InlineData(Gauge + "a_bc 1\n")]
    [InlineData(Gauge + "a_b 1\na_b 2\n")]
    [InlineData(Gauge + "a_b{x=\"1\",y=\"2\"} 1\na_b{y=\"2\",x=\"1\"} 1\n")]
    [InlineData(Gauge + "a_b 1\n" + Gauge + "a_b{x=\"\"} 1\n")]
    [InlineData("# HELP a_b Text.\na_b 1\n")]
    [InlineData("# HELP a_b Text.\n# TYPE a_c gauge\na_b 1\n")]
    [InlineData("# HELP a_b Text.\n# TYPE a_b number\na_b 1\n")]
    [InlineData("# TYPE a_b gauge\na_b 1\n")]
    [InlineData("# HELP a_b A \\\"quote\n# TYPE a_b gauge\na_b 1\n")]
    [InlineData("# HELP a_total Text.\n# TYPE a_total counter\na_total -1\n")]
    [InlineData("# HELP a_total Text.\n# TYPE a_total counter\na_total NaN\n")]
    [InlineData("# HELP a_b Text.\n")]
    public void What_the_exporter_must_not_write_is_rejected(string text) =>
        Should.Throw<FormatException>(() => PageReader.Read(isOpenMetrics: false, text));

    [Theory]
    [InlineData("h_bucket{at=\"x\",le=\"0.5\"} 1", "h_bucket{at=\"x\",le=\"0.5\"} 4")]
    [InlineData("h_bucket{at=\"x\",le=\"0.5\"} 1", "h_bucket{at=\"x\",le=\"-1\"} 1")]
    [InlineData("h_count{at=\"x\"} 3", "h_count{at=\"x\"} 2")]
    [InlineData("h_bucket{at=\"x\",le=\"+Inf\"} 3\n", "")]
    [InlineData("h_sum{at=\"x\"} 2.5\n", "")]
    public void An_inconsistent_histogram_is_rejected(string sound, string unsound)
    {
        Histogram.ShouldContain(sound);

        Should.Throw<FormatException>(() => PageReader.Read(isOpenMetrics: false, Histogram.Replace(sound, unsound, StringComparison.Ordinal)));
    }
}
