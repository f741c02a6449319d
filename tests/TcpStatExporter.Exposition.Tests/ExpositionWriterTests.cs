using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace TcpStatExporter.Exposition.Tests;

public sealed class ExpositionWriterTests
{
    private static readonly MetricFamily Gauge = new("g", MetricType.Gauge, "A gauge.");
    private static readonly MetricFamily Counter = new("c_total", MetricType.Counter, "A counter.");
    private static readonly MetricFamily Histogram = new("h", MetricType.Histogram, "A histogram.");
    private static readonly BucketBounds Bounds = new(1, 2);

    [Theory]
    [InlineData(ExpositionFormat.PrometheusText, "")]
    [InlineData(ExpositionFormat.OpenMetrics, "# EOF\n")]
    public void Families_without_samples_leave_no_trace(ExpositionFormat format, string expected) =>
        Page.Write(format, writer =>
        {
            writer.Family(Gauge);
            writer.Family(Counter);
            writer.Family(Histogram);
        }).ShouldBe(expected);

    [Fact]
    public void A_page_starts_with_nothing_of_the_one_before()
    {
        var buffer = new ExpositionBuffer();
        var writer = new ExpositionWriter(buffer);
        foreach (var format in (ExpositionFormat[])[.. Page.Formats, .. Page.Formats])
        {
            writer.Begin(format);
            Page.WriteSample(writer, Page.Listener("::", 443));
            writer.End();
            var fresh = Page.Write(format, other => Page.WriteSample(other, Page.Listener("::", 443)));
            Encoding.UTF8.GetString(buffer.WrittenSpan).ShouldBe(fresh);
        }
    }

    [Fact]
    public void Two_sets_of_labels_are_joined_whichever_is_empty()
    {
        var a = LabelSet.Empty.With("a", "1");
        var b = LabelSet.Empty.With("b", "2");
        Page.Write(ExpositionFormat.PrometheusText, writer =>
        {
            writer.Family(Gauge);
            writer.Sample(LabelSet.Empty, LabelSet.Empty, 0);
            writer.Sample(a, LabelSet.Empty, 1);
            writer.Sample(LabelSet.Empty, b, 2);
            writer.Sample(a, b, 3);
        }).ShouldEndWith("g 0\ng{a=\"1\"} 1\ng{b=\"2\"} 2\ng{a=\"1\",b=\"2\"} 3\n");
    }

    [Fact]
    public void Common_labels_stand_before_those_of_every_sample()
    {
        var buffer = new ExpositionBuffer();
        var writer = new ExpositionWriter(buffer, LabelSet.Empty.With("netns", "blue"));
        writer.Begin(ExpositionFormat.OpenMetrics);
        writer.Family(Gauge);
        writer.Sample(0);
        writer.Sample(LabelSet.Empty.With("a", "1"), LabelSet.Empty.With("b", "2"), 3);
        writer.Family(Histogram);
        writer.Histogram(LabelSet.Empty, Bounds, [1, 0, 0], 1);
        writer.Created(LabelSet.Empty, DateTimeOffset.FromUnixTimeSeconds(5));
        writer.End();
        var lines = Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n').Where(line => line.Length > 0 && line[0] != '#');
        lines.ShouldBe(
        [
            "g{netns=\"blue\"} 0", "g{netns=\"blue\",a=\"1\",b=\"2\"} 3",
            "h_bucket{netns=\"blue\",le=\"1.0\"} 1", "h_bucket{netns=\"blue\",le=\"2.0\"} 1", "h_bucket{netns=\"blue\",le=\"+Inf\"} 1",
            "h_sum{netns=\"blue\"} 1", "h_count{netns=\"blue\"} 1", "h_created{netns=\"blue\"} 5",
        ]);
    }

    [Fact]
    public void What_the_family_does_not_allow_is_a_bug()
    {
        var writer = new ExpositionWriter(new ExpositionBuffer());
        writer.Begin(ExpositionFormat.OpenMetrics);
        Should.Throw<InvalidOperationException>(() => writer.Sample(1));

        writer.Family(Histogram);
        Should.Throw<InvalidOperationException>(() => writer.Sample(1));
        Should.Throw<ArgumentException>(() => writer.Histogram(LabelSet.Empty, Bounds, [1, 2], 3));

        writer.Family(Gauge);
        Should.Throw<InvalidOperationException>(() => writer.Histogram(LabelSet.Empty, Bounds, [1, 2, 3], 3));
        writer.Sample(1);
        Should.Throw<InvalidOperationException>(() => writer.Created(LabelSet.Empty, Page.Created));

        writer.Family(Counter);
        Should.Throw<InvalidOperationException>(() => writer.Created(LabelSet.Empty, Page.Created));
        writer.Sample(1);

        writer.End();
        Should.Throw<InvalidOperationException>(() => writer.Sample(1));
    }

    [Fact]
    public void Whatever_the_counts_a_histogram_is_cumulative_and_complete() =>
        Prop.ForAll<uint[]>(observed =>
        {
            var counts = observed.Select(count => (ulong)count).Append(0UL).ToArray();
            var bounds = new BucketBounds([.. Enumerable.Range(0, observed.Length).Select(i => i / 8.0)]);
            foreach (var format in Page.Formats)
            {
                // the reader checks order, accumulation and the last bucket
                var samples = PageReader.Read(format, Page.Write(format, writer =>
                {
                    writer.Family(Histogram);
                    writer.Histogram(Page.Listener("::", 1), bounds, counts, 0.5);
                }));

                samples.Count.ShouldBe(counts.Length + 2);
                samples[^1].Value.ShouldBe(counts.Sum(count => (double)count));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_strict_reader_reads_back_every_page()
    {
        LabelSet[] listeners = [.. Enumerable.Range(1, 50).Select(port => Page.Listener("10.0.0.1", port))];
        foreach (var format in Page.Formats)
        {
            var samples = PageReader.Read(format, Page.Write(format, writer => Page.WriteSample(writer, listeners)));
            samples.Count(sample => sample.Name is "tcpstat_listen_queue_fill_ratio_bucket").ShouldBe(7 * 50);
            samples.Count(sample => sample.Name is "tcpstat_listen_drops_created")
                .ShouldBe(format == ExpositionFormat.OpenMetrics ? 50 : 0);
        }
    }

    [Fact]
    public void The_strict_reader_is_strict()
    {
        var page = Page.Write(ExpositionFormat.OpenMetrics, writer => Page.WriteSample(writer, Page.Listener("::", 80)));
        var lines = page.Split('\n')[..^1];

        // no line may come twice, and these may not be missing
        for (var i = 0; i < lines.Length; i++)
        {
            var twice = string.Concat(lines[..(i + 1)].Concat(lines[i..]).Select(line => line + "\n"));
            Should.Throw<FormatException>(() => PageReader.Read(ExpositionFormat.OpenMetrics, twice), lines[i]);
        }

        foreach (var needed in (string[])["# HELP", "# TYPE", "# EOF", "_bucket{address=\"::\",port=\"80\",unit=\"nginx.service\",le=\"+Inf\"}"])
        {
            var without = string.Concat(lines.Where(line => !line.Contains(needed, StringComparison.Ordinal)).Select(line => line + "\n"));
            Should.Throw<FormatException>(() => PageReader.Read(ExpositionFormat.OpenMetrics, without), needed);
        }
    }
}
