using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Metrics;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class NegotiationTests
{
    /// <summary>What clients send, verbatim, and whether they get OpenMetrics.</summary>
    public static TheoryData<string, string?, bool> Clients => new()
    {
        {
            "Prometheus 2.42",
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            true
        },
        {
            "Prometheus 2.42, native histograms",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            true
        },
        {
            "Prometheus 3",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            true
        },
        {
            "Prometheus 3, native histograms",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            true
        },
        {
            "Prometheus 3.3",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2",
            true
        },
        {
            "Prometheus 3, scrape_protocols: [PrometheusText0.0.4]",
            "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1",
            false
        },
        { "curl", "*/*", false },
        {
            "Chromium",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            false
        },
        { "no header", null, false },
        { "empty header", "", false },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public void Known_clients_get_their_best_format(string client, string? accept, bool isOpenMetrics) =>
        Negotiation.Choose(accept).ShouldBe(isOpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText, client);

    [Theory]
    [InlineData("application/openmetrics-text")]
    [InlineData("APPLICATION/OpenMetrics-Text ; VERSION=1.0.0 ; Q=0.1")]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8")]
    [InlineData(" , ,application/openmetrics-text")]
    [InlineData("application/openmetrics-text;q=0.5,text/plain;q=0.5")]
    [InlineData("text/plain, application/openmetrics-text")]
    [InlineData("text/plain;version=1.0.0,application/openmetrics-text;q=0.1")]
    [InlineData("text/plain;q=0.1,text/*;q=0.9,*/*,application/openmetrics-text;q=0.2")]
    [InlineData("text/plain;q=oops,application/openmetrics-text;q=0.1")]
    [InlineData("text/plain;q=0,application/openmetrics-text;q=0.001")]
    public void OpenMetrics_goes_to_clients_that_name_it(string accept) =>
        Negotiation.Choose(accept).ShouldBe(ExpositionFormat.OpenMetrics);

    [Theory]
    [InlineData("application/openmetrics-text;q=0")]
    [InlineData("application/openmetrics-text;q=0.0,*/*;q=0.1")]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0,application/openmetrics-text")]
    [InlineData("application/openmetrics-text;version=0.0.1")]
    [InlineData("application/openmetrics-text;version=2.0.0")]
    [InlineData("application/openmetrics-text;q=0.5,text/plain")]
    [InlineData("application/openmetrics-text;q=0.5,text/*;q=0.6")]
    [InlineData("application/openmetrics-text;q=0.5,*/*;q=0.6")]
    [InlineData("text/plain;q=0.1,text/plain;q=0.9,application/openmetrics-text;q=0.5")]
    [InlineData("application/*")]
    [InlineData("application/json")]
    [InlineData("application/vnd.google.protobuf")]
    [InlineData("text/plain;q=0")]
    public void All_others_get_text(string accept) =>
        Negotiation.Choose(accept).ShouldBe(ExpositionFormat.PrometheusText);

    [Theory]
    [InlineData("application/openmetrics-text;q=")]
    [InlineData("application/openmetrics-text;q=NaN")]
    [InlineData("application/openmetrics-text;q=-1")]
    [InlineData("application/openmetrics-text;q=2")]
    [InlineData("application/openmetrics-text;q=1e0")]
    [InlineData("application/openmetrics-textual")]
    [InlineData("application openmetrics-text")]
    [InlineData(";;;===,,,")]
    public void Invalid_elements_are_ignored(string accept) =>
        Negotiation.Choose(accept).ShouldBe(ExpositionFormat.PrometheusText);

    [Fact]
    public void A_header_of_any_length_costs_no_more_than_a_long_one()
    {
        var padding = new string(',', Negotiation.MaxHeaderLength - "gzip".Length);
        Negotiation.AcceptsGzip($"{padding}gzip").ShouldBeTrue();
        Negotiation.AcceptsGzip($",{padding}gzip").ShouldBeFalse();
        Negotiation.Choose($"application/openmetrics-text,{padding}").ShouldBe(ExpositionFormat.PrometheusText);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("GZIP", true)]
    [InlineData("x-gzip", true)]
    [InlineData("gzip, deflate, br, zstd", true)]
    [InlineData("deflate, gzip;q=0.001", true)]
    [InlineData("*", true)]
    [InlineData("*;q=0,gzip", true)]
    [InlineData("gzip ; q=0.5", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("identity", false)]
    [InlineData("br", false)]
    [InlineData("gzip;q=0", false)]
    [InlineData("gzip;q=0.000", false)]
    [InlineData("gzip;q=0,*", false)]
    [InlineData("*;q=0", false)]
    [InlineData("gzip;q=x", false)]
    [InlineData("gzipped", false)]
    public void Gzip_is_for_clients_that_accept_it(string? acceptEncoding, bool expected) =>
        Negotiation.AcceptsGzip(acceptEncoding).ShouldBe(expected);

    [Fact]
    public void Nothing_throws() =>
        Prop.ForAll(
            Gen.Elements("application/openmetrics-text", "text/plain", "*/*", "gzip", ";", ",", "=", "q", "version", "\"", " ", "0.5", "9", "\0", "é", "\ud800")
                .ArrayOf().Select(string.Concat).ToArbitrary(),
            header =>
            {
                Negotiation.Choose(header);
                Negotiation.AcceptsGzip(header);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void The_response_states_its_type()
    {
        ExpositionFormat.PrometheusText.ContentType().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        ExpositionFormat.OpenMetrics.ContentType().ShouldBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
    }

    [Fact]
    public void It_allocates_nothing()
    {
        const string Accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        Negotiate();

        Allocated.By(Negotiate).ShouldBe(0);

        static void Negotiate()
        {
            Negotiation.Choose(Accept);
            Negotiation.AcceptsGzip("gzip");
        }
    }
}
