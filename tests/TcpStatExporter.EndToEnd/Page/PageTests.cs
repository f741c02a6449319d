using Shouldly;
using TcpStatExporter.EndToEnd.Advisor;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Faults;
using Xunit;

namespace TcpStatExporter.EndToEnd.Page;

/// <summary>The page in a browser, as an operator uses it. Any complaint of the browser fails the test.</summary>
public sealed class PageTests
{
    private const string Heading = "document.querySelector('h1').textContent";
    private const string Mood = "document.documentElement.dataset.mood";
    private const string Time = "document.querySelector('time').textContent";

    [Fact]
    public void Within_seconds_it_names_the_fault_the_listener_and_its_owner_without_a_reload()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("web");
        using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
        using var browser = Browser.Start(ns);
        using var tab = browser.Open(exporter.Http.BaseAddress!);
        tab.Until($"{Mood} === 'live'");

        // the first verdict comes with the second tick
        tab.Until($"{Heading} === 'Nothing to worry about'");
        tab.Text("document.body.className").ShouldBe("good");
        tab.Evaluate("window.sameDocument = true");

        using (var fault = unit.Run(() => new AcceptQueueFull(ns, backlog: 8, clients: 40)))
        {
            using var clients = new RestlessClients(ns, fault.Listener);
            var name = unit.Name.Length > 0 ? $"{fault.Listener} ({unit.Name})" : $"{fault.Listener}";
            tab.UntilSoon($"{Heading} === '{name} is losing connections'");
            tab.Title.ShouldStartWith($"Critical: {name}");
            tab.Text("document.querySelector('link[rel=icon]').getAttribute('href')").ShouldBe("./-/critical.svg");
            var row = tab.Text("document.querySelector('.listeners tbody tr').innerText");
            row.ShouldContain($"{fault.Listener}");
            row.ShouldContain(unit.Name);
            row.ShouldContain("losing");
            row.ShouldContain("9 of 8");
            tab.Evaluate("window.sameDocument").GetBoolean().ShouldBeTrue();
        }

        // a closed socket is no longer a listener
        tab.UntilSoon("![...document.querySelectorAll('.listeners tbody tr')].some(row => row.innerText.includes('9 of 8'))");
        tab.Evaluate("window.sameDocument").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public void A_refresh_keeps_what_the_reader_has_done()
    {
        using var ns = NetNamespace.Create();
        using var idle = new AcceptQueueFull(ns, backlog: 8, clients: 0);
        ns.SetSysctl("net.ipv4.tcp_syncookies", "2");
        using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
        using var browser = Browser.Start(ns);
        using var tab = browser.Open(exporter.Http.BaseAddress!, width: 900, height: 400);
        const string Finding = "details[data-key=syncookies-always]";
        tab.Until($"document.querySelector('{Finding}')", seconds: 60);

        tab.Evaluate($"document.querySelector('{Finding}').open").GetBoolean().ShouldBeFalse();
        tab.Click($"{Finding} > summary");
        tab.Evaluate($"document.querySelector('{Finding}').open").GetBoolean().ShouldBeTrue();
        tab.Text($"document.querySelector('{Finding}').innerText").ShouldContain("net.ipv4.tcp_syncookies = 1");
        tab.Evaluate($$"""
            (() => {
              window.opened = document.querySelector('{{Finding}}');
              window.why = [...window.opened.querySelectorAll('dt')].find(dt => dt.textContent === 'Why').nextElementSibling;
              getSelection().selectAllChildren(window.why);
              scrollTo({ top: 150, behavior: 'instant' });
              window.focused = document.activeElement;
              window.drawn = document.querySelectorAll('svg').length;
            })()
            """);

        tab.UntilRefreshed(3);

        tab.Evaluate($"window.opened === document.querySelector('{Finding}') && window.opened.open").GetBoolean().ShouldBeTrue();
        tab.Evaluate("window.focused === document.activeElement && document.activeElement.localName === 'summary'").GetBoolean().ShouldBeTrue();
        tab.Text("getSelection().toString()").ShouldBe(tab.Text("window.why.innerText"));
        tab.Evaluate("scrollY").GetInt32().ShouldBe(150);

        tab.Click($"{Finding} > summary");
        tab.UntilRefreshed(2);
        tab.Evaluate("window.opened.open").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public void The_listener_search_works_during_refreshes_and_without_scripts()
    {
        using var ns = NetNamespace.Create();
        using var idle = new AcceptQueueFull(ns, backlog: 8, clients: 0);
        var others = Enumerable.Range(0, 20).Select(_ => new AcceptQueueFull(ns, backlog: 8, clients: 0)).ToArray();
        try
        {
            using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
            using var browser = Browser.Start(ns);
            using var tab = browser.Open(exporter.Http.BaseAddress!);
            const string Rows = "document.querySelectorAll('.listeners > table tbody tr').length";
            tab.Until($"{Rows} > 1");

            tab.Evaluate($$"""
                (() => {
                  window.box = document.querySelector('.search input');
                  window.box.focus();
                  window.box.value = ':{{idle.Listener.Port}}';
                  window.box.dispatchEvent(new Event('input', { bubbles: true }));
                })()
                """);
            tab.Until($"{Rows} === 1");
            tab.UntilRefreshed(2);
            tab.Text("document.querySelector('.listeners tbody tr').innerText").ShouldContain($"{idle.Listener}");
            tab.Evaluate("document.activeElement === window.box && window.box.value.length > 1").GetBoolean().ShouldBeTrue("who types is not disturbed");

            using var still = browser.Open(new Uri(exporter.Http.BaseAddress!, $"/?q={idle.Listener.Port}"), hasScript: false);
            still.Text(Rows).ShouldBe("1");
        }
        finally
        {
            Array.ForEach(others, other => other.Dispose());
        }
    }

    [Fact]
    public void It_can_be_paused_and_resumed()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
        using var browser = Browser.Start(ns);
        using var tab = browser.Open(exporter.Http.BaseAddress!);
        tab.UntilRefreshed(1);

        tab.Click("#live button");
        var (time, requests) = (tab.Text(Time), tab.Requests);
        tab.Text(Mood).ShouldBe("paused");
        Thread.Sleep(2500);
        (tab.Text(Time), tab.Requests).ShouldBe((time, requests));

        tab.Click("#live button");
        tab.UntilRefreshed(2);
        tab.Text(Mood).ShouldBe("live");
    }

    [Fact]
    public void A_hidden_tab_sends_no_requests()
    {
        using var ns = NetNamespace.Create();
        using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
        using var browser = Browser.Start(ns);
        using var tab = browser.Open(exporter.Http.BaseAddress!);
        tab.UntilRefreshed(1);

        using (var other = browser.Open(exporter.Http.BaseAddress!, hasScript: false))
        {
            other.Send("Page.bringToFront");
            tab.Until("document.hidden");
            var requests = tab.Requests;
            Thread.Sleep(2500);
            tab.Requests.ShouldBe(requests);
        }

        tab.Send("Page.bringToFront");
        tab.UntilRefreshed(2);
    }

    [Fact]
    public void Without_scripts_the_page_is_complete_but_does_not_refresh()
    {
        using var ns = NetNamespace.Create();
        using var unit = new ServiceUnit("api");
        using var fault = unit.Run(() => new AcceptQueueFull(ns, backlog: 8, clients: 40));
        using var clients = new RestlessClients(ns, fault.Listener);
        using var exporter = ExporterProcess.Start(ns, arguments: [Browser.Unseen]);
        using var browser = Browser.Start(ns);
        string[] wanted = [$"{fault.Listener}", unit.Name, "9 of 8", "ESTABLISHED", "TIME_WAIT", "ephemeral ports", "TcpExtListenDrops", "listener-dropping", "this page does not refresh by itself"];
        var text = "";
        Tab? tab = null;
        try
        {
            // the test has to reload here
            Wait.Until(
                () =>
                {
                    tab?.Dispose();
                    tab = browser.Open(exporter.Http.BaseAddress!, hasScript: false);
                    text = tab.Text("document.body.innerText");
                    return tab.Text(Heading).EndsWith("is losing connections", StringComparison.Ordinal)
                        && tab.Evaluate("document.querySelector('details[data-key=listener-dropping]') !== null").GetBoolean()
                        && Array.TrueForAll(wanted, part => text.Contains(part, StringComparison.Ordinal));
                },
                () => $"{string.Join(", ", wanted)}; it shows:\n{text}",
                TimeSpan.FromSeconds(90),
                TimeSpan.FromSeconds(1));

            tab!.Evaluate("document.querySelectorAll('.states svg.trend .line').length").GetInt32().ShouldBe(11);
            tab.Evaluate("document.querySelectorAll('button').length").GetInt32().ShouldBe(0);
            var time = tab.Text(Time);
            var open = tab.Evaluate("document.querySelector('details.finding').open").GetBoolean();
            tab.Click("details.finding > summary");
            tab.Evaluate("document.querySelector('details.finding').open").GetBoolean().ShouldBe(!open);
            Thread.Sleep(1500);
            tab.Text(Time).ShouldBe(time);
        }
        finally
        {
            tab?.Dispose();
        }
    }

    [Fact]
    public void It_shows_when_the_daemon_is_gone_and_when_it_is_back()
    {
        const string Address = "127.0.0.1:8006";
        using var ns = NetNamespace.Create();
        using var browser = Browser.Start(ns);
        Tab tab;
        using (var first = ExporterProcess.Start(ns, arguments: [Browser.Unseen, $"--web.listen-address={Address}"]))
        {
            tab = browser.Open(new Uri($"http://{Address}/"));
            tab.UntilRefreshed(2);
            first.Stop().ShouldBe(0);
        }

        using (tab)
        {
            tab.Until($"{Mood} === 'gone'", seconds: 30);
            tab.Text("document.querySelector('#live').innerText").ShouldContain("no answer since");
            tab.TakeComplaints().ShouldAllBe(complaint => complaint.Contains("ERR_CONNECTION_REFUSED", StringComparison.Ordinal) || complaint.Contains("ERR_EMPTY_RESPONSE", StringComparison.Ordinal));

            using var second = ExporterProcess.Start(ns, arguments: [Browser.Unseen, $"--web.listen-address={Address}"]);
            tab.Until($"{Mood} === 'live'", seconds: 45);
            tab.TakeComplaints().ShouldAllBe(complaint => complaint.Contains("ERR_CONNECTION_REFUSED", StringComparison.Ordinal));
            tab.UntilRefreshed(1);
        }
    }
}
