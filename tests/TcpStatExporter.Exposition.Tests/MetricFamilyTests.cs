using System.Text;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class MetricFamilyTests
{
    [Theory]
    [InlineData("", MetricType.Gauge)]
    [InlineData("0a", MetricType.Gauge)]
    [InlineData("a-b", MetricType.Gauge)]
    [InlineData("a:b", MetricType.Gauge)]
    [InlineData("é", MetricType.Gauge)]
    [InlineData("a b", MetricType.Gauge)]
    [InlineData("a\n", MetricType.Gauge)]
    [InlineData("a", MetricType.Counter)]
    [InlineData("_total", MetricType.Counter)]
    [InlineData("a", MetricType.Info)]
    [InlineData("_info", MetricType.Info)]
    [InlineData("a_total", MetricType.Gauge)]
    [InlineData("a_info", MetricType.Gauge)]
    [InlineData("a_bucket", MetricType.Gauge)]
    [InlineData("a_count", MetricType.Histogram)]
    [InlineData("a_sum", MetricType.Gauge)]
    [InlineData("a_created", MetricType.Gauge)]
    public void Bad_names_are_refused(string name, MetricType type) =>
        Should.Throw<ArgumentException>(() => new MetricFamily(name, type, "Help.")).ParamName.ShouldBe("name");

    [Theory]
    [InlineData("a_seconds", MetricType.Gauge, "")]
    [InlineData("a_", MetricType.Gauge, "")]
    [InlineData("a_seconds", MetricType.Gauge, "bytes")]
    [InlineData("aseconds", MetricType.Gauge, "seconds")]
    [InlineData("seconds", MetricType.Gauge, "seconds")]
    [InlineData("a_seconds_total", MetricType.Counter, "total")]
    [InlineData("a_seconds_info", MetricType.Info, "seconds")]
    public void Bad_units_are_refused(string name, MetricType type, string unit) =>
        Should.Throw<ArgumentException>(() => new MetricFamily(name, type, "Help.", unit)).ParamName.ShouldBe("unit");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void Blank_help_is_refused(string help) =>
        Should.Throw<ArgumentException>(() => new MetricFamily("a", MetricType.Gauge, help)).ParamName.ShouldBe("help");

    [Fact]
    public void A_description_says_what_it_was_given()
    {
        var family = new MetricFamily("a_seconds_total", MetricType.Counter, "Say \"a\".", "seconds");
        (family.Name, family.Type, family.Help, family.Unit)
            .ShouldBe(("a_seconds_total", MetricType.Counter, "Say \"a\".", "seconds"));
    }

    [Fact]
    public void Help_is_escaped_as_each_format_wants_it()
    {
        var family = new MetricFamily("a", MetricType.Gauge, "1\\2\n3\"4");
        Encoding.UTF8.GetString(family.Opening(ExpositionFormat.PrometheusText)).ShouldStartWith("# HELP a 1\\\\2\\n3\"4\n");
        Encoding.UTF8.GetString(family.Opening(ExpositionFormat.OpenMetrics)).ShouldStartWith("# HELP a 1\\\\2\\n3\\\"4\n");
    }
}
