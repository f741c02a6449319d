using System.Text;
using System.Text.Json;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Top;
using TcpStatExporter.View;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.View;

/// <summary>Other network namespaces on the page, in top, in the JSON and in the doctor's report.</summary>
public sealed class NamespaceViewTests
{
    private const string Pod = "shop/cart-6d4cf56db6-x2x7k";

    private readonly WatchedHost _host = new();

    private static NetnsView[] Namespaces =>
    [
        new NetnsView(Pod, "pod", 1, IsInTrouble: true, WasInTrouble: true, HasView: true, 12, 3, 41, 52, 1, 0.25, 7, 0.8),
        new NetnsView("web<1>", "container", 1, IsInTrouble: false, WasInTrouble: false, HasView: false, 4, 0, 0, 0, 0, null),
    ];

    [Fact]
    public void The_page_lists_them_and_links_those_that_have_a_view()
    {
        var page = Encoding.UTF8.GetString(new HostPage("/metrics").Write(View(Namespaces)));
        page.ShouldContain("Pods and containers");
        page.ShouldContain("2, 1 in trouble");
        page.ShouldContain($"<a href=\"./?netns={Uri.EscapeDataString(Pod)}\">{Pod}</a>");
        page.ShouldContain("web&lt;1&gt;");
        page.ShouldNotContain("netns=web");
        page.ShouldContain("queue 80 %");
    }

    [Fact]
    public void What_is_not_read_of_a_pod_is_no_failure_of_a_source()
    {
        var store = new SampleStore();
        var sample = new NamespaceSample { Samples = 1, SampledAt = TimeSpan.FromSeconds(1) };
        sample.Kernel[SourceId.Snmp] = sample.Kernel[SourceId.Sockstat] = ReadResult.Ok;
        store.Publish(sample, TimeProvider.System.GetTimestamp());

        var page = Page(isOther: true);
        page.ShouldContain("Only counted with access to its sockets");
        page.ShouldContain("All 2 can be read");
        page.ShouldNotContain("Limits");
        Page(isOther: false).ShouldContain("Sockets could not be read");

        string Page(bool isOther) =>
            Encoding.UTF8.GetString(new HostPage("/metrics").Write(new ViewReader(store, new AdviceStore(), Pod) { IsOther = isOther }.Read()));
    }

    [Fact]
    public void A_page_without_them_has_no_place_for_them() =>
        Encoding.UTF8.GetString(new HostPage("/metrics").Write(View(namespaces: null))).ShouldNotContain("Pods and containers");

    [Fact]
    public void Top_lists_them()
    {
        var lines = new TopScreen(Glyphs.Ascii).Compose(View(Namespaces), new TopState(), 120, height: null);
        var screen = Encoding.UTF8.GetString(new Painter(isTerminal: false, isColoured: false).Page(lines)).Split('\n');
        screen.ShouldContain(line => line.StartsWith("PODS AND CONTAINERS", StringComparison.Ordinal));
        screen.Single(line => line.StartsWith(Pod, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe([Pod, "80%", "12", "3", "41", "53"]);
    }

    [Fact]
    public void The_json_tells_them()
    {
        using var json = JsonDocument.Parse(ViewJson.Write(View(Namespaces), isIndented: false));
        var first = json.RootElement.GetProperty("namespaces")[0];
        first.GetProperty("netns").GetString().ShouldBe(Pod);
        first.GetProperty("in_trouble").GetBoolean().ShouldBeTrue();
        first.GetProperty("lost").GetUInt64().ShouldBe(52ul);
        first.GetProperty("queue_fill").GetDouble().ShouldBe(0.8);
        json.RootElement.GetProperty("namespaces")[1].GetProperty("retransmitted_ratio").ValueKind.ShouldBe(JsonValueKind.Null);
        using var none = JsonDocument.Parse(ViewJson.Write(View(namespaces: null), isIndented: false));
        none.RootElement.GetProperty("namespaces").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public void The_doctors_report_names_the_pod_first()
    {
        var web = _host.Listen("::", 8080, "web.service", limit: 8);
        _host.Tick();
        _host.Tick();
        var calm = _host.Advice!;
        _host.Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 4));
        NetnsFindings[] others = [new(new NetnsIdentity(Pod, NetnsKind.Pod, "shop", "cart-6d4cf56db6-x2x7k", "cart"), _host.Advice!)];
        var report = new TextReport(100, isColoured: false).Write(calm, others: others);
        report.ShouldStartWith($"In pod {Pod}: {_host.Advice!.Verdict.Text}.\nOn the host itself: ");
        report.ShouldContain($"\nIn pod {Pod}:\n");
        report.ShouldContain("[listener-dropping]");
        using var json = JsonDocument.Parse(JsonReport.Write(calm, exitCode: 2, others: others));
        json.RootElement.GetProperty("namespaces")[0].GetProperty("kubernetes_pod").GetString().ShouldBe("cart-6d4cf56db6-x2x7k");
        json.RootElement.GetProperty("namespaces")[0].GetProperty("findings")[0].GetProperty("id").GetString().ShouldBe("listener-dropping");
    }

    private HostView View(IReadOnlyList<NetnsView>? namespaces)
    {
        _host.Tick();
        return _host.Reader.Read() with { Namespaces = namespaces };
    }
}
