using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>Parsed series can be found by name and labels.</summary>
public sealed class ScrapeTests
{
    private const string Gauge = "# HELP a_b Text.\n# TYPE a_b gauge\n";

    [Fact]
    public void Families_and_samples_are_found()
    {
        var scrape = Scrape.Parse(Gauge + "a_b{port=\"80\",unit=\"a\\\"b\"} -1.5\na_b 2\n# HELP none Text.\n# TYPE none gauge\n");

        scrape.Families.Keys.ShouldBe(["a_b"], "a family without samples is as good as absent");
        (scrape.Families["a_b"].Help, scrape.Families["a_b"].Type).ShouldBe(("Text.", "gauge"));
        scrape.Value("a_b", ("unit", "a\"b"), ("port", "80")).ShouldBe(-1.5);
        scrape.Value("a_b").ShouldBe(2);
        scrape.Samples("a_b").Count.ShouldBe(2);
        scrape.Samples("a_b")[0]["port"].ShouldBe("80");
    }

    [Fact]
    public void A_missing_series_is_reported_with_the_existing_ones()
    {
        var scrape = Scrape.Parse(Gauge + "a_b{state=\"listen\"} 0\n");

        scrape.Contains("a_b").ShouldBeFalse();
        scrape.Contains("a_b", ("state", "listen")).ShouldBeTrue();
        Should.Throw<KeyNotFoundException>(() => scrape.Value("a_b")).Message.ShouldContain("a_b{state=\"listen\"}");
    }
}
