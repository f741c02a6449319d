using System.Text;
using System.Xml;
using System.Xml.Linq;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Advisor;
using TcpStatExporter.Tests.View;
using TcpStatExporter.Web.Page;
using Xunit;

namespace TcpStatExporter.Tests.Web.Page;

/// <summary>Pages of hosts that a test writes, parsed by an XML parser, which tolerates no errors.</summary>
public sealed class HostPageTests
{
    private static readonly string[] Hostile =
    [
        "\"><script>alert(1)</script>.service",
        "' onmouseover='alert(1)' x='.service",
        "</title></svg></bdi><img src=x onerror=alert(1)>.service",
        "{{7*7}}<!--.service",
        "]]>&lt;&#60;.service",
        "javascript:alert(1)",
    ];

    private readonly WatchedHost _host = new();

    [Fact]
    public void A_listener_with_losses_comes_first()
    {
        _host.Listen("10.0.0.5", 22, "ssh.service");
        var web = _host.Listen("::", 8080, "web.service", limit: 8);
        _host.Tick().Tick(sample => WatchedHost.Queue(sample, web, 9, lost: 4));
        _host.Swept(sweep =>
        {
            var listener = new TcpStatExporter.Sampling.SweepListener { Identity = _host.Sample.Listeners[web].Identity };
            listener.Connections[TcpState.Established] = 1234;
            listener.Connections[TcpState.CloseWait] = 7;
            sweep.Listeners.Add(listener);
        });

        var page = Read();

        Text(page.Single("h1")).ShouldBe("[::]:8080 (web.service) is losing connections");
        page.Single("title").Value.ShouldBe("Critical: [::]:8080 (web.service) is losing connections – db-7");
        page.ByClass("verdict").Attribute("class")!.Value.ShouldBe("verdict critical");
        var rows = page.ByClass("listeners").Descendants("tbody").Elements("tr").ToArray();
        rows.Length.ShouldBe(2);
        Text(rows[0]).ShouldBe("[::]:8080losingweb.service9 of 84/s 4 in all01,234 7 CLOSE_WAIT");
        Text(rows[1]).ShouldBe("10.0.0.5:22ssh.service0 of 1280/s0–");
        rows[0].Descendants("rect").Single().Attribute("width")!.Value.ShouldBe("100", "it is full");
        rows[1].Descendants("rect").ShouldBeEmpty();

        var findings = page.ByClass("findings").Elements("details").ToArray();
        findings[0].Attribute("data-key")!.Value.ShouldBe("listener-dropping");
        findings.Select(finding => finding.Attribute("open") is not null).ShouldBe([true, .. findings.Skip(1).Select(_ => false)]);
        Text(findings[0].Element("summary")!).ShouldBe("Critical [::]:8080 (web.service) is losing connections");
        findings[0].Descendants("dt").Select(Text).ShouldBe(["Measured", "Why", "Change", "Cost", "Won't help", "Rule"]);
        page.ByClass("counters").Descendants("tr").Select(row => (string?)row.Attribute("data-key")).ShouldContain("TcpExtListenDrops", StringComparer.Ordinal);
    }

    [Fact]
    public void A_finding_shows_its_setting_with_the_current_value()
    {
        _host.Tick().JudgedRule(new Scene().Set(Sysctl.TcpSyncookies, 0));

        var finding = Read().ByClass("findings").Elements("details").First();

        finding.Attribute("open").ShouldBeNull("it is no critical one");
        Text(finding.ByClass("setting")).ShouldBe("net.ipv4.tcp_syncookies = 1");
        Text(finding.ByClass("setting").Parent!).ShouldStartWith("net.ipv4.tcp_syncookies = 1 now 0");
    }

    [Fact]
    public void States_limits_and_sources_are_complete()
    {
        _host.Sample.Kernel.Sockstat = new SockstatCounts { TcpTimeWait = 900 };
        _host.Sample.Host.Sockets = new HostSockets { Orphans = 3, MemoryPages = 256 };
        _host.Sample.Kernel.Sysctls[Sysctl.TcpMaxTwBuckets] = new SysctlValue { Count = 1, First = 1000 };
        _host.Tick(sample =>
        {
            sample.Kernel.States[TcpState.TimeWait] = 900;
            sample.StatePeaks[TcpState.TimeWait] = 950;
        });

        var page = Read();

        var states = page.ByClass("states").Descendants("tbody").Elements("tr").ToDictionary(row => row.Attribute("data-key")!.Value, Text, StringComparer.Ordinal);
        states.Count.ShouldBe(11);
        states["TIME_WAIT"].ShouldBe("TIME_WAIT900950");
        var limits = page.ByClass("limits").Descendants("li").ToDictionary(row => row.Attribute("data-key")!.Value, StringComparer.Ordinal);
        Text(limits["TimeWait"]).ShouldBe("TIME_WAIT 900 of 1,000 90 %net.ipv4.tcp_max_tw_buckets");
        limits["TimeWait"].Descendants("svg").Single().Attribute("class")!.Value.ShouldBe("bar warning");
        Text(limits["Orphans"]).ShouldStartWith("orphans 3 limit not known");
        limits["Orphans"].Descendants("svg").ShouldBeEmpty();
        page.ByClass("sources").Descendants("li").Count().ShouldBe(AnySource.All.Count);
    }

    [Fact]
    public void Destinations_are_shown_only_while_one_is_in_trouble()
    {
        _host.Tick().Swept(sweep => Add(sweep, "192.0.2.1", 100));
        Titles().ShouldNotContain("Loss by destination", StringComparer.Ordinal);
        _host.Swept(sweep =>
        {
            Add(sweep, "10.0.0.2:5432", 51_200);
            Add(sweep, "192.0.2.1", 100);
        });
        Titles().ShouldContain("Loss by destination", StringComparer.Ordinal);
        var row = Read().Descendants("li").Single(li => li.Attribute("data-key")?.Value == "10.0.0.2:5432");
        Text(row).ShouldBe("10.0.0.2:5432 50 % sent again50 KiB of 100 KiB · 2 connections · round trip 30 ms");
        Read().Descendants("li").ShouldNotContain(li => li.Attribute("data-key") != null && li.Attribute("data-key")!.Value == "192.0.2.1");

        string[] Titles() => [.. Read().Descendants("h2").Select(Text)];

        static void Add(SweepSample sweep, string peer, ulong retransmitted)
        {
            sweep.TrafficTime = TimeSpan.FromSeconds(6);
            sweep.Peers.Add(new PeerTraffic { Peer = new PeerName(peer), Traffic = new Traffic(102_400, retransmitted), Connections = 2, RoundTripSeconds = 0.03 });
        }
    }

    [Fact]
    public void Unknown_values_are_marked_and_not_zero()
    {
        _host.Tick(sample =>
        {
            for (var id = SourceId.Sockets; id <= SourceId.Sysctl; id++)
            {
                sample.Kernel[id] = ReadResult.Failed(SourceError.PermissionDenied);
            }
        });

        var page = Read();

        foreach (var section in (string[])["listeners", "findings", "states", "limits", "counters"])
        {
            page.ByClass(section).Descendants("p").Count(p => p.Attribute("class")?.Value == "empty").ShouldBe(1, section);
            page.ByClass(section).Descendants("table").ShouldBeEmpty(section);
        }

        page.ByClass("trends").Descendants("b").Select(Text).ShouldBe(["–", "–", "–"]);
        Text(page.ByClass("sources")).ShouldContain("failed: permission_denied");
        page.ByClass("verdict").Attribute("class")!.Value.ShouldBe("verdict unknown");
    }

    [Fact]
    public void Before_the_first_sample_there_is_a_page()
    {
        var page = Read();
        Text(page.Single("h1")).ShouldBe("Just started: no verdict yet");
        Text(page.ById("when")).ShouldBe("no sample yet");
    }

    [Theory]
    [InlineData(3, "")]
    [InlineData(3.1, "the last sample is 3 s old")]
    [InlineData(240, "the last sample is 4 min old")]
    public void An_old_sample_is_marked_as_old(double seconds, string said)
    {
        _host.Tick();
        _host.Time.Advance(TimeSpan.FromSeconds(seconds));
        Text(Read().ById("when")).ShouldBe("2026-11-22 20:40:01 UTC" + said);
    }

    [Fact]
    public void Missing_points_are_gaps_in_the_line()
    {
        _host.Tick().Tick().Tick(sample => sample.Kernel[SourceId.Sockets] = ReadResult.Failed(SourceError.Io)).Tick(sample => sample.Kernel[SourceId.Sockets] = ReadResult.Ok).Tick();

        var lines = Read().ByClass("states").Descendants("tbody").Elements("tr").First().Descendants("path").Where(path => path.Attribute("class")!.Value == "line").ToArray();

        lines.Select(line => line.Attribute("d")!.Value).ShouldBe(["M560 95L560 95L570 95", "M590 95L590 95L600 95"]);
    }

    [Fact]
    public void Quiet_listeners_are_folded_and_excess_ones_are_counted()
    {
        for (var i = 0; i < 400; i++)
        {
            _host.Listen("0.0.0.0", (ushort)(1000 + i));
        }

        _host.Sample.ListenersNotExported = 50;
        _host.Tick();

        var listeners = Read().ByClass("listeners");

        listeners.Elements("table").Single().Element("tbody")!.Elements("tr").Count().ShouldBe(6);
        var fold = listeners.Element("details")!;
        Text(fold.Element("summary")!).ShouldBe("394 more");
        fold.Descendants("tbody").Single().Elements("tr").Count().ShouldBe(294);
        Text(listeners.Elements("p").Last()).ShouldBe("150 more are not shown here: search for them.");
    }

    [Fact]
    public void With_problems_the_quiet_listeners_are_folded_to_show_the_findings()
    {
        var listener = _host.Listen("0.0.0.0", 8080, limit: 8);
        WatchedHost.Queue(_host.Sample, listener, 9);
        for (var i = 0; i < 12; i++)
        {
            _host.Listen("0.0.0.0", (ushort)(1000 + i));
        }

        _host.Tick().Tick();

        var listeners = Read().ByClass("listeners");
        listeners.Elements("table").Single().Element("tbody")!.Elements("tr").Count().ShouldBe(3);
        Text(listeners.Element("details")!.Element("summary")!).ShouldBe("10 more");
    }

    [Theory]
    [InlineData("80", 3, "3 of 21")]
    [InlineData(" WEB ", 1, "1 of 21")]
    [InlineData("0.0.0.0:1013", 1, "1 of 21")]
    [InlineData("nobody", 0, "None of 21 has “nobody” in its address or owner.")]
    [InlineData("\"><script>alert(1)</script>", 0, "None of 21 has “\"><script>alert(1)</script>” in its address or owner.")]
    public void A_search_finds_any_listener_by_address_or_owner(string search, int rows, string said)
    {
        for (var i = 0; i < 20; i++)
        {
            _host.Listen("0.0.0.0", (ushort)(1000 + i));
        }

        _host.Listen("10.80.0.1", 8080, "web.service");
        _host.Listen("10.0.0.1", 180);
        _host.Listen("10.0.0.1", 801);
        _host.Tick().Tick();

        var listeners = Read(search.Trim()).ByClass("listeners");

        listeners.Descendants("tbody").Elements("tr").Count().ShouldBe(rows);
        Text(listeners.Elements("p").Last()).ShouldBe(said.Replace("21", "23", StringComparison.Ordinal));
        listeners.Descendants("input").Single().Attribute("value")!.Value.ShouldBe(search.Trim());
        listeners.Descendants("script").ShouldBeEmpty();
    }

    [Fact]
    public void Many_listeners_with_problems_are_folded_too_and_counted()
    {
        for (var i = 0; i < 12; i++)
        {
            var listener = _host.Listen("0.0.0.0", (ushort)(1000 + i), limit: 8);
            WatchedHost.Queue(_host.Sample, listener, 9);
        }

        _host.Listen("0.0.0.0", 22);
        _host.Tick().Tick();

        var listeners = Read().ByClass("listeners");
        listeners.Elements("table").Single().Element("tbody")!.Elements("tr").Count().ShouldBe(5);
        Text(listeners.Element("details")!.Element("summary")!).ShouldBe("8 more, 7 of them in trouble");
    }

    [Fact]
    public void Any_name_is_escaped()
    {
        foreach (var name in Hostile)
        {
            var listener = _host.Listen("0.0.0.0", 80, name, limit: 8);
            WatchedHost.Queue(_host.Sample, listener, 9, lost: 3);
        }

        _host.Tick().Tick().JudgedRule(new Scene().Listener(unit: Hostile[0], dropped: 400, length: 9, limit: 8).Count("ListenDrops", 400));
        var page = Read();

        page.ByClass("listeners").Descendants("bdi").Select(Text).ShouldBe(Hostile, ignoreOrder: true);
        Text(page.ByClass("findings").Descendants("summary").First()).ShouldContain(Hostile[0]);
        page.Descendants("script").Count().ShouldBe(1);
        page.Descendants("img").ShouldBeEmpty();
        page.Descendants().Attributes().ShouldAllBe(attribute => !attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal) && attribute.Name != "style");
    }

    [Fact]
    public void It_is_consistent()
    {
        for (ushort i = 0; i < 20; i++)
        {
            _host.Listen("0.0.0.0", (ushort)(80 + (i % 4)), $"unit{i}.service");
        }

        _host.Tick().Tick(sample => WatchedHost.Queue(sample, 0, 128, lost: 4)).JudgedRule(new Scene().Listener(dropped: 400).Count("ListenDrops", 400).Set(Sysctl.TcpSyncookies, 0));
        var page = Read();

        // external addresses are only linked, never loaded
        page.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "href" or "src")
            .Where(attribute => attribute.Parent!.Name != "a" || !attribute.Value.StartsWith("https://github.com/", StringComparison.Ordinal))
            .ShouldAllBe(attribute => attribute.Value.StartsWith("./", StringComparison.Ordinal) || attribute.Value.StartsWith('#'));
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToArray();
        ids.ShouldBeUnique(StringComparer.Ordinal);
        page.Descendants().Attributes().Where(attribute => attribute.Name == "href" && attribute.Value.StartsWith('#')).ShouldAllBe(link => ids.Contains(link.Value.Substring(1), StringComparer.Ordinal));
        page.Descendants().Attributes("aria-labelledby").ShouldAllBe(label => ids.Contains(label.Value, StringComparer.Ordinal));
        foreach (var siblings in page.Descendants().Select(element => element.Elements().Attributes("data-key").Select(key => key.Value).ToArray()))
        {
            siblings.ShouldBeUnique(StringComparer.Ordinal, "the script tells siblings by their key");
        }

        foreach (var table in page.Descendants("table"))
        {
            var columns = table.Element("thead")!.Descendants("th").Count();
            table.Element("tbody")!.Elements("tr").ShouldAllBe(row => row.Elements().Count() == columns);
        }

        page.Descendants("svg").ShouldAllBe(svg => svg.Attribute("aria-hidden")!.Value == "true");
    }

    private static string Text(XElement element) => element.Value.Trim();

    private XElement Read(string search = "")
    {
        var bytes = new HostPage("/metrics").Write(_host.View, search);
        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(bytes)), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader).Root!;
    }
}
