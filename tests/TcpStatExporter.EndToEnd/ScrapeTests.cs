using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>The reader of expositions accepts what the exporter may write and nothing else.</summary>
public sealed class ScrapeTests
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
        var scrape = Scrape.Parse(
            """
            # HELP up_total A backslash \\ and a\nline.
            # TYPE up_total counter
            up_total 1e+06
            # HELP q:x Neither a {} nor a "quote" is special here.
            # TYPE q:x gauge
            q:x{port="80",unit="a\\b\"c\nd,e}"} -1.5
            q:x +Inf
            q:x{unit=""} NaN

            """);

        scrape.Families.Keys.ShouldBe(["up_total", "q:x"]);
        scrape.Families["up_total"].Help.ShouldBe("A backslash \\ and a\nline.");
        scrape.Families["up_total"].Type.ShouldBe("counter");
        scrape.Value("up_total").ShouldBe(1_000_000);
        scrape.Value("q:x", ("unit", "a\\b\"c\nd,e}"), ("port", "80")).ShouldBe(-1.5);
        scrape.Value("q:x").ShouldBe(double.PositiveInfinity);
        scrape.Value("q:x", ("unit", "")).ShouldBe(double.NaN);
        scrape.Samples("q:x").Count.ShouldBe(3);
        scrape.Samples("q:x")[0]["port"].ShouldBe("80");
    }

    [Fact]
    public void A_histogram_is_read()
    {
        var scrape = Scrape.Parse(Histogram);

        scrape.Value("h_bucket", ("at", "x"), ("le", "+Inf")).ShouldBe(3);
        scrape.Value("h_sum", ("at", "x")).ShouldBe(2.5);
        scrape.Families["h"].Samples.Count.ShouldBe(5);
    }

    [Fact]
    public void A_series_that_is_not_there_is_told_with_those_that_are()
    {
        var scrape = Scrape.Parse(Gauge + "a_b{state=\"listen\"} 0\n");

        scrape.Contains("a_b").ShouldBeFalse();
        scrape.Contains("a_b", ("state", "listen")).ShouldBeTrue();
        Should.Throw<KeyNotFoundException>(() => scrape.Value("a_b")).Message.ShouldContain("a_b{state=\"listen\"}");
    }

    [Theory]
    [InlineData("a_b 1\n", "line 1: sample without a family")]
    [InlineData(Gauge + "a_b 1", "the last line does not end")]
    [InlineData(Gauge, "a family without samples")]
    [InlineData(Gauge + "a_b 1\n\n", "line 4: no name")]
    [InlineData(Gauge + "a_b 1\n# EOF\n", "line 4: no name")]
    [InlineData(Gauge + "a_b\n", "line 3: ' ' expected")]
    [InlineData(Gauge + "a_b  1\n", "line 3: not a number")]
    [InlineData(Gauge + "a_b 1 \n", "line 3: not a number")]
    [InlineData(Gauge + "a_b 1\r\n", "line 3: not a number")]
    [InlineData(Gauge + "a_b 1,5\n", "line 3: not a number")]
    [InlineData(Gauge + "a_b Infinity\n", "line 3: not a number")]
    [InlineData(Gauge + "a_b 1 1700000000000\n", "line 3: not a number")]
    [InlineData(Gauge + "a_b{} 1\n", "line 3: no name")]
    [InlineData(Gauge + "a_b{x=\"1\",} 1\n", "line 3: no name")]
    [InlineData(Gauge + "a_b{0=\"1\"} 1\n", "line 3: no name")]
    [InlineData(Gauge + "a_b{x=\"1\",x=\"2\"} 1\n", "line 3: a label twice")]
    [InlineData(Gauge + "a_b{x=\"\\t\"} 1\n", "line 3: unknown escape")]
    [InlineData(Gauge + "a_b{x=\"1} 1\n", "line 3: '\"' expected")]
    [InlineData(Gauge + "a_b{x=\"1\"}1\n", "line 3: ' ' expected")]
    [InlineData(Gauge + "a_bc 1\n", "line 3: not of the family a_b")]
    [InlineData(Gauge + "a_b 1\na_b 2\n", "line 4: a series twice")]
    [InlineData(Gauge + "a_b{x=\"1\",y=\"2\"} 1\na_b{y=\"2\",x=\"1\"} 1\n", "line 4: a series twice")]
    [InlineData(Gauge + "a_b 1\n" + Gauge + "a_b{x=\"\"} 1\n", "a family twice")]
    [InlineData("# HELP a_b Text.\na_b 1\n", "line 1: HELP without its TYPE")]
    [InlineData("# HELP a_b Text.\n# TYPE a_c gauge\na_b 1\n", "line 1: HELP without its TYPE")]
    [InlineData("# HELP a_b Text.\n# TYPE a_b number\na_b 1\n", "line 1: HELP without its TYPE")]
    [InlineData("# TYPE a_b gauge\na_b 1\n", "line 1: ")]
    [InlineData("# HELP a_b A \\\"quote\n# TYPE a_b gauge\na_b 1\n", "line 1: unknown escape")]
    [InlineData("# HELP a_total Text.\n# TYPE a_total counter\na_total -1\n", "line 3: a counter below 0")]
    [InlineData("# HELP a_total Text.\n# TYPE a_total counter\na_total NaN\n", "line 3: a counter below 0")]
    public void What_the_exporter_must_not_write_is_refused(string text, string reason) =>
        Should.Throw<FormatException>(() => Scrape.Parse(text)).Message.ShouldContain(reason, Case.Sensitive);

    [Theory]
    [InlineData("h_bucket{at=\"x\",le=\"0.5\"} 1", "h_bucket{at=\"x\",le=\"0.5\"} 4")]
    [InlineData("h_bucket{at=\"x\",le=\"0.5\"} 1", "h_bucket{at=\"x\",le=\"-1\"} 1")]
    [InlineData("h_count{at=\"x\"} 3", "h_count{at=\"x\"} 2")]
    [InlineData("h_bucket{at=\"x\",le=\"+Inf\"} 3\n", "")]
    [InlineData("h_sum{at=\"x\"} 2.5\n", "")]
    public void A_histogram_that_contradicts_itself_is_refused(string sound, string unsound)
    {
        Histogram.ShouldContain(sound);

        Should.Throw<FormatException>(() => Scrape.Parse(Histogram.Replace(sound, unsound, StringComparison.Ordinal)))
            .Message.ShouldContain("h: not a histogram");
    }
}
