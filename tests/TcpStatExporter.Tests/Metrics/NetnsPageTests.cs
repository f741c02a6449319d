using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Metrics;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Namespaces;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

/// <summary>Network namespaces that come and go, on the page.</summary>
public sealed class NetnsPageTests : IDisposable
{
    private const string Drops = "tcpstat_tcpext_listen_drops_total";

    private readonly ProcessTree _tree = new();
    private readonly ManualTimeProvider _time = new();
    private readonly NetnsWatch _watch;
    private readonly Dictionary<WatchedNetns, AdviceStore> _advice = [];
    private readonly MetricsPage _page;

    public NetnsPageTests()
    {
        var options = new NetnsOptions { ProcfsRoot = _tree.Procfs, LogFolder = _tree.Logs, NamedFolder = _tree.Named, Hold = TimeSpan.FromSeconds(30), Max = 2 };
        _watch = new NetnsWatch(options with { Mode = NetnsMode.Auto }, TimeSpan.FromMinutes(1), _time, NullLogger<NetnsWatch>.Instance, () => TimeSpan.Zero);
        _page = new MetricsPage(
            [new PublishedNamespace("", new SampleStore(), new AdviceStore())],
            process: null,
            allCounters: false,
            others: new OtherNamespaces(() => [.. _watch.Watched.Select(one => new PublishedNamespace(one.Identity.Name, one.Store, AdviceOf(one), one))], () => _watch.Totals));
    }

    public void Dispose()
    {
        _watch.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public void A_page_without_containers_is_what_it_was()
    {
        _tree.Add(10, "a", "/system.slice/a.service");
        Pass();
        Text().ShouldNotContain("netns");
    }

    [Fact]
    public void A_few_series_tell_of_all_namespaces()
    {
        AddPods();
        Pass();
        var text = Text();
        text.ShouldContain("\ntcpstat_netns_seen 2\n");
        text.ShouldContain("\ntcpstat_netns_sampled 2\n");
        text.ShouldContain("\ntcpstat_netns_in_trouble 0\n");
        text.ShouldNotContain("netns=\"");
        text.Split('\n').Count(line => line.StartsWith("tcpstat_netns_", StringComparison.Ordinal)).ShouldBe(15);
        text.ShouldContain("\ntcpstat_netns_tier{tier=\"counters\"} 1\ntcpstat_netns_tier{tier=\"listeners\"} 0\n");
    }

    [Fact]
    public void A_pod_in_trouble_begins_with_0_for_everybody_who_scrapes_and_then_tells_the_count()
    {
        AddPods();
        Pass();
        _tree.Count("cart", "ListenDrops", 12);
        Pass();
        var first = Text();
        first.ShouldContain($"{Drops}{{netns=\"shop/cart-6d4cf56db6-x2x7k\"}} 0\n");
        first.ShouldContain("tcpstat_netns_info{netns=\"shop/cart-6d4cf56db6-x2x7k\",kind=\"pod\",kubernetes_namespace=\"shop\",kubernetes_pod=\"cart-6d4cf56db6-x2x7k\",workload=\"cart\",container=\"\"} 1\n");
        first.ShouldContain("tcpstat_netns_in_trouble 1\n");
        first.ShouldContain("tcpstat_netns_listen_drops_total 12\n");
        _time.Advance(TimeSpan.FromSeconds(29));
        Text().ShouldContain($"{Drops}{{netns=\"shop/cart-6d4cf56db6-x2x7k\"}} 0\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        var later = Text();
        later.ShouldContain($"{Drops}{{netns=\"shop/cart-6d4cf56db6-x2x7k\"}} 12\n");
        later.ShouldNotContain("shop/db-0");

        // gauges are never held back, and what is the host's is told once
        later.ShouldContain("tcpstat_sockets_time_wait{netns=\"shop/cart-6d4cf56db6-x2x7k\"}");
        later.ShouldNotContain("tcpstat_samples_total{netns=");
        later.ShouldNotContain("tcpstat_source_up{netns=");
    }

    [Fact]
    public void Nothing_is_held_that_nobody_has_seen_yet()
    {
        AddPods();
        Pass();
        _tree.Count("db", "ListenDrops", 4);
        Pass();
        for (var i = 0; i < 20; i++)
        {
            Pass();
        }

        Text().ShouldContain($"{Drops}{{netns=\"shop/db-0\"}} 0\n");
    }

    private void AddPods()
    {
        _tree.Add(10, "cart", $"/kubepods/burstable/pod{ProcessTree.Uid}/{ProcessTree.Id}");
        _tree.Add(12, "db", "/kubepods/pod0123456789abcdef0123456789abcdef");
        _tree.AddPodLogs($"shop_cart-6d4cf56db6-x2x7k_{ProcessTree.Uid}");
        _tree.AddPodLogs("shop_db-0_0123456789abcdef0123456789abcdef");
    }

    private AdviceStore AdviceOf(WatchedNetns one) => _advice.TryGetValue(one, out var known) ? known : _advice[one] = new AdviceStore();

    private void Pass()
    {
        _time.Advance(TimeSpan.FromSeconds(15));
        _watch.RunDue();
    }

    private string Text()
    {
        using var page = new MemoryStream();
        _page.Render(page, ExpositionFormat.PrometheusText);
        return Encoding.UTF8.GetString(page.ToArray());
    }
}
