using Shouldly;
using TcpStatExporter.Kernel.Tests;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class AllocationTests
{
    [Theory]
    [InlineData(ExpositionFormat.PrometheusText)]
    [InlineData(ExpositionFormat.OpenMetrics)]
    public void A_page_allocates_nothing_once_the_buffer_has_grown(ExpositionFormat format)
    {
        LabelSet[] listeners = [.. Enumerable.Range(1, 200).Select(port => Page.Listener("127.0.0.1", port))];
        var buffer = new ExpositionBuffer();
        var writer = new ExpositionWriter(buffer);
        Write();

        Allocated.By(() =>
        {
            for (var page = 0; page < 10; page++)
            {
                Write();
            }
        }).ShouldBe(0);
        buffer.Length.ShouldBeGreaterThan(100_000);

        void Write()
        {
            writer.Begin(format);
            Page.WriteSample(writer, listeners);
            writer.End();
            buffer.Trim();
        }
    }

    [Fact]
    public void Negotiation_allocates_nothing()
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
