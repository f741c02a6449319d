using Shouldly;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.Web.Page;

public sealed class HtmlWriterTests
{
    [Theory]
    [InlineData("nginx.service", "nginx.service")]
    [InlineData("<script>", "&lt;script&gt;")]
    [InlineData("\" onload=\"x", "&quot; onload=&quot;x")]
    [InlineData("' onload='x", "&#39; onload=&#39;x")]
    [InlineData("&lt;", "&amp;lt;")]
    [InlineData("Übung 東京", "Übung 東京")]
    [InlineData("a\u202Egpj\u2066\u200Bb", "a\uFFFDgpj\uFFFD\uFFFDb")]
    [InlineData("a\0b\nc\u007F\u2028\uFEFF", "a\uFFFDb\uFFFDc\uFFFD\uFFFD\uFFFD")]
    public void Interpolated_values_are_text(string text, string written)
    {
        var html = new HtmlWriter();
        html.Write($"<p title=\"{text}\">{text}</p>");
        html.ToString().ShouldBe($"<p title=\"{written}\">{written}</p>");
    }

    [Fact]
    public void An_unpaired_surrogate_is_replaced()
    {
        var html = new HtmlWriter();
        var half = "🙂"[..1];
        html.Write($"<p>{half}</p>");
        html.ToUtf8().ShouldBe("<p>\uFFFD</p>"u8.ToArray());
    }

    [Fact]
    public void Numbers_have_a_point_and_at_most_two_decimals()
    {
        var html = new HtmlWriter();
        html.Write($"<path d=\"M{0.5} {1.0 / 3}H{-2L}\"/>");
        html.ToString().ShouldBe("<path d=\"M0.5 0.33H-2\"/>");
    }
}
