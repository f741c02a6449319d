using Shouldly;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed class MetricFamilyTests
{
    [Theory]
    [InlineData("", nameof(MetricType.Gauge))]
    [InlineData("0a", nameof(MetricType.Gauge))]
    [InlineData("a-b", nameof(MetricType.Gauge))]
    [InlineData("a:b", nameof(MetricType.Gauge))]
    [InlineData("é", nameof(MetricType.Gauge))]
    [InlineData("a b", nameof(MetricType.Gauge))]
    [InlineData("a\n", nameof(MetricType.Gauge))]
    [InlineData("a", nameof(MetricType.Counter))]
    [InlineData("_total", nameof(MetricType.Counter))]
    [InlineData("a", nameof(MetricType.Info))]
    [InlineData("_info", nameof(MetricType.Info))]
    [InlineData("a_total", nameof(MetricType.Gauge))]
    [InlineData("a_info", nameof(MetricType.Gauge))]
    [InlineData("a_bucket", nameof(MetricType.Gauge))]
    [InlineData("a_count", nameof(MetricType.Histogram))]
    [InlineData("a_sum", nameof(MetricType.Gauge))]
    [InlineData("a_created", nameof(MetricType.Gauge))]
    public void Bad_names_are_rejected(string name, string type) =>
        Should.Throw<ArgumentException>(() => new MetricFamily(name, Enum.Parse<MetricType>(type), "Help.")).ParamName.ShouldBe("name");

    [Theory]
    [InlineData("")]
    [InlineData("0a")]
    [InlineData("a-b")]
    [InlineData("a:b")]
    [InlineData("é")]
    [InlineData("__name__")]
    [InlineData("le")]
    [InlineData("quantile")]
    public void Bad_labels_are_rejected(string label) =>
        Should.Throw<ArgumentException>(() => new MetricFamily("a", MetricType.Gauge, "Help.", "state", label)).ParamName.ShouldBe("labels");

    /// <summary>prometheus-net writes the HELP unchanged, and the two formats escape it differently.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1\n2")]
    [InlineData("1\r2")]
    [InlineData("1\\2")]
    [InlineData("1\"2")]
    public void A_help_that_is_blank_or_needs_escaping_is_rejected(string help) =>
        Should.Throw<ArgumentException>(() => new MetricFamily("a", MetricType.Gauge, help)).ParamName.ShouldBe("help");

    [Fact]
    public void A_description_returns_its_arguments()
    {
        var family = new MetricFamily("a_seconds_total", MetricType.Counter, "Say a.", "state");
        (family.Name, family.Type, family.Help).ShouldBe(("a_seconds_total", MetricType.Counter, "Say a."));
        family.Labels.ShouldBe(["state"]);
    }
}
