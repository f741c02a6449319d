using System.Text.Json;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.View;
using Xunit;

namespace TcpStatExporter.Tests.View;

public sealed class ViewJsonTests
{
    private static readonly string[] Members =
    [
        "version", "host", "time", "sample_age_seconds", "states_age_seconds", "is_stale", "watched_seconds", "peak_window_seconds",
        "rate_window_seconds", "verdict", "history_ages_seconds", "close_wait_unaccepted", "states", "established",
        "drops_per_second", "worst_fill_ratio", "listeners_left_out", "swept", "listeners", "lost_unattributed", "closed_listeners",
        "unix_listeners_left_out", "unix_listeners", "counters", "limits", "destinations_seconds", "destinations", "judged", "findings", "sources", "namespaces",
    ];

    private readonly WatchedHost _host = new();

    [Fact]
    public void Contains_the_whole_view()
    {
        var web = _host.Listen("::", 8080, "web.service", limit: 8);
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 4));
        using var json = Parse(isIndented: true);
        var root = json.RootElement;
        root.EnumerateObject().Select(member => member.Name).ShouldBe(Members);
        root.GetProperty("time").GetDouble().ShouldBe((WatchedHost.StartUnixMilliseconds + 2000) / 1000.0);
        root.GetProperty("verdict").GetProperty("level").GetString().ShouldBe("critical");
        root.GetProperty("verdict").GetProperty("text").GetString().ShouldBe("[::]:8080 (web.service) is losing connections");
        root.GetProperty("history_ages_seconds").GetRawText().ShouldMatch(@"^\[\s*1,\s*0\s*\]$");
        var listener = root.GetProperty("listeners")[0];
        listener.GetProperty("address").GetString().ShouldBe("::");
        listener.GetProperty("unit").GetString().ShouldBe("web.service");
        listener.GetProperty("trouble").GetString().ShouldBe("losing");
        listener.GetProperty("queue_length").GetInt64().ShouldBe(9);
        listener.GetProperty("fill_ratio").GetDouble().ShouldBe(1.125);
        listener.GetProperty("drops_per_second").GetDouble().ShouldBe(4);
        listener.GetProperty("lost").GetInt64().ShouldBe(4);
        listener.GetProperty("lost_accept_queue").GetInt64().ShouldBe(4);
        listener.GetProperty("lost_per_second").GetDouble().ShouldBe(4);
        listener.GetProperty("seconds_since_last_loss").GetDouble().ShouldBe(0);
        listener.GetProperty("device").GetString().ShouldBe("");
        listener.GetProperty("connections").ValueKind.ShouldBe(JsonValueKind.Null);
        root.GetProperty("counters")[0].GetProperty("name").GetString().ShouldBe("TcpExtListenOverflows");
        root.GetProperty("findings")[0].GetProperty("id").GetString().ShouldBe("listener-dropping");
        root.GetProperty("findings")[0].GetProperty("lost").GetInt64().ShouldBe(4);
        root.GetProperty("sources")[0].GetProperty("status").GetString().ShouldBe("ok");
        root.GetProperty("states").GetArrayLength().ShouldBe(11);
    }

    [Fact]
    public void Tells_queues_of_unix_listeners()
    {
        _host.Sample.Kernel[SourceId.Unix] = ReadResult.Ok;
        _host.Sample.UnixListenersNotExported = 3;
        _host.Sample.UnixListeners.Add(WatchedHost.Unix("@idle", "", length: 0, peak: 1));
        _host.Sample.UnixListeners.Add(WatchedHost.Unix("/run/\"php\".sock", "php8.2-fpm.service", length: 9, peak: 12));
        _host.Tick();
        using var json = Parse(isIndented: false);
        json.RootElement.GetProperty("unix_listeners_left_out").GetInt32().ShouldBe(3);
        json.RootElement.GetProperty("unix_listeners")[0].GetRawText().ShouldBe(
            """{"path":"/run/\u0022php\u0022.sock","unit":"php8.2-fpm.service","uid":33,"sockets":1,"queue_length":9,"queue_limit":8,"queue_peak":12,"fill_ratio":1.125,"fill_ratio_peak":1.5}""");
        json.RootElement.GetProperty("unix_listeners")[1].GetProperty("path").GetString().ShouldBe("@idle");
        json.RootElement.GetProperty("limits").EnumerateArray().ShouldContain(limit => limit.GetProperty("id").GetString() == "unix_listener");
    }

    [Fact]
    public void Every_member_is_documented()
    {
        _host.Sample.Kernel[SourceId.Unix] = ReadResult.Ok;
        _host.Sample.UnixListeners.Add(WatchedHost.Unix("@idle", "", length: 0, peak: 1));
        var web = _host.Listen("::", 8080, "web.service", limit: 8);
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 4));
        using var view = Parse(isIndented: false);
        using var report = JsonDocument.Parse(File.ReadAllText(Repository.Path("tests/TcpStatExporter.Tests/Advisor/Golden/report.json")));
        var page = File.ReadAllText(Repository.Path("src/TcpStatExporter/Web/README.md"));

        Members(view.RootElement).Concat(Members(report.RootElement)).Distinct(StringComparer.Ordinal).Except(TcpStates.Known.ToArray().Select(state => state.Name()), StringComparer.Ordinal)
            .Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();

        static IEnumerable<string> Members(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Members(member.Value).Prepend(member.Name)),
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Members),
            _ => [],
        };
    }

    [Fact]
    public void Unknown_values_are_null()
    {
        using var json = Parse(isIndented: false);
        var root = json.RootElement;
        root.EnumerateObject().Select(member => member.Name).ShouldBe(Members);
        foreach (var name in (string[])["time", "rate_window_seconds", "counters", "findings", "judged", "swept", "unix_listeners"])
        {
            root.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.Null, name);
        }

        root.GetProperty("established").GetProperty("now").ValueKind.ShouldBe(JsonValueKind.Null);
        root.GetProperty("verdict").GetProperty("level").GetString().ShouldBe("unknown");
    }

    /// <summary>A unit has the name of its cgroup, which can be anything.</summary>
    [Fact]
    public void Nothing_in_it_can_end_a_script_element()
    {
        _host.Listen("0.0.0.0", 80, "</script><script>alert(1)</script>");
        _host.Tick();
        var text = System.Text.Encoding.UTF8.GetString(ViewJson.Write(_host.View, isIndented: false).Span);
        text.ShouldNotContain("<");
        text.Count(c => c == '\n').ShouldBe(1);
        using var json = JsonDocument.Parse(text);
        json.RootElement.GetProperty("listeners")[0].GetProperty("unit").GetString().ShouldBe("</script><script>alert(1)</script>");
    }

    private JsonDocument Parse(bool isIndented) => JsonDocument.Parse(ViewJson.Write(_host.View, isIndented));
}
