using System.Text;
using Shouldly;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Tests.View;
using TcpStatExporter.Top;
using TcpStatExporter.View;
using Xunit;

namespace TcpStatExporter.Tests.Top;

/// <summary>Screens of hosts that do not change, as text. TCPSTAT_REWRITE=1 rewrites the expected files. Read the diff.</summary>
public sealed class TopScreenTests
{
    private static readonly Dictionary<string, Func<HostView>> Views = new(StringComparer.Ordinal)
    {
        ["busy"] = Busy,
        ["quiet"] = Quiet,
        ["blind"] = Blind,
        ["start"] = () => new WatchedHost().View,
    };

    public static TheoryData<string, int, int> Screens => new()
    {
        { "busy", 80, 24 }, { "busy", 160, 50 }, { "busy", 60, 16 }, { "quiet", 80, 24 }, { "quiet", 160, 50 }, { "blind", 80, 24 }, { "start", 80, 24 },
    };

    [Theory]
    [MemberData(nameof(Screens))]
    public void A_view_has_its_screen(string view, int width, int height) =>
        Check($"top/{view}-{width}x{height}.txt", Lines(new TopScreen(Glyphs.Unicode).Compose(Views[view](), new TopState(), width, height)));

    [Theory]
    [InlineData("busy")]
    [InlineData("quiet")]
    public void A_view_has_its_page(string view) =>
        Check($"top/{view}-page.txt", Lines(new TopScreen(Glyphs.Ascii).Compose(Views[view](), new TopState(), width: 132, height: null)));

    /// <summary>At any size, no row is missing, none is too wide, and the keys are in the last row.</summary>
    [Fact]
    public void Every_size_is_filled_exactly()
    {
        var views = Views.Values.Select(make => make()).ToArray();
        var help = new TopState();
        help.Press("?"u8);
        for (var width = 40; width <= 200; width += 7)
        {
            for (var height = 5; height <= 60; height += 3)
            {
                foreach (var view in views)
                {
                    foreach (var state in (TopState[])[new TopState(), help])
                    {
                        var lines = new TopScreen(Glyphs.Unicode).Compose(view, state, width, height);
                        lines.Count.ShouldBe(height);
                        lines.Max(line => line.Length).ShouldBeLessThanOrEqualTo(width, $"{width}x{height}");
                        Text(lines[^1]).ShouldStartWith("q quit");
                    }
                }
            }
        }
    }

    [Fact]
    public void The_page_has_every_listener_and_the_screen_says_how_many_more_there_are()
    {
        var host = new WatchedHost();
        for (ushort port = 1; port <= 50; port++)
        {
            host.Listen("10.0.0.1", port);
        }

        var view = host.Tick().View;
        Lines(new TopScreen(Glyphs.Ascii).Compose(view, new TopState(), 80, null)).Count(line => line.Contains("10.0.0.1:", StringComparison.Ordinal)).ShouldBe(50);
        var screen = Lines(new TopScreen(Glyphs.Ascii).Compose(view, new TopState(), 80, 24));
        var shown = screen.Count(line => line.Contains("10.0.0.1:", StringComparison.Ordinal));
        screen.ShouldContain(line => line == $"  and {50 - shown} more");
    }

    [Fact]
    public void Keys_change_what_is_shown()
    {
        var view = Busy();
        var state = new TopState();
        Shown().Length.ShouldBe(4);

        state.Press("/"u8);
        state.Press("SSH"u8);
        Lines(Compose())[^1].ShouldStartWith("/SSH_");
        Shown().ShouldHaveSingleItem().ShouldContain("sshd.service");
        state.Press("\r"u8);
        Lines(Compose())[^1].ShouldContain("filter: SSH");
        state.Press("/"u8);
        state.Press([21, (byte)'x', (byte)'y', 127, (byte)'q']);
        Lines(Compose()).ShouldContain(line => line == "  none has 'xq'");
        state.Press([27]);
        Shown().Length.ShouldBe(4);

        state.Press("ssss"u8);
        Shown().Select(line => line.Trim(' ', '!', '*').Split(' ')[0]).ShouldBe(["0.0.0.0:22", "10.0.0.5:443", "127.0.0.1:5432", "0.0.0.0:8080"]);
        Lines(Compose()).ShouldContain(line => line.StartsWith("LISTENERS 4 by port", StringComparison.Ordinal));
        state.Press("s"u8);
        Shown()[0].ShouldContain("0.0.0.0:8080");

        state.Press("p"u8);
        state.IsPaused.ShouldBeTrue();
        Lines(Compose())[0].ShouldContain("PAUSED");
        state.Press(" "u8);
        state.IsPaused.ShouldBeFalse();

        state.Press("\e[A\eOB\e[1;5C"u8);
        state.IsQuit.ShouldBeFalse("arrows mean nothing here, and no part of them is a key");
        state.Press("q"u8);
        state.IsQuit.ShouldBeTrue();

        IReadOnlyList<Line> Compose() => new TopScreen(Glyphs.Ascii).Compose(view, state, 100, 30);

        string[] Shown() => [.. Lines(Compose()).Where(line => line.Contains(".service", StringComparison.Ordinal) && !line.Contains("CRITICAL", StringComparison.Ordinal) && line.Contains('/', StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Control_C_quits_even_while_typing_a_filter(byte key, bool isTyping)
    {
        var state = new TopState();
        state.Press(isTyping ? "/a"u8 : ""u8);
        state.Press([key]);
        state.IsQuit.ShouldBeTrue();
    }

    /// <summary>A unit has the name of its cgroup, which can be anything.</summary>
    [Fact]
    public void No_name_can_control_the_terminal()
    {
        var host = new WatchedHost();
        host.Listen("0.0.0.0", 80, "evil\e[2J\u009b2J\r\n界");
        var bytes = new Painter(isTerminal: false, isColoured: false).Page(new TopScreen(Glyphs.Ascii).Compose(host.Tick().View, new TopState(), 120, null));
        Encoding.UTF8.GetString(bytes).ShouldContain("evil?[2J?2J???");
        bytes.ToArray().ShouldAllBe(b => b == '\n' || (b >= ' ' && b <= '~'));
    }

    [Fact]
    public void The_screen_is_drawn_over_the_last_one_without_clearing()
    {
        var lines = new TopScreen(Glyphs.Ascii).Compose(Busy(), new TopState(), 80, 24);
        var coloured = Encoding.UTF8.GetString(new Painter(isTerminal: true, isColoured: true).Screen(lines, 80));
        coloured.ShouldStartWith("\e[H");
        coloured.ShouldNotContain("\e[2J");
        coloured.Split("\r\n").Length.ShouldBe(24);
        coloured.ShouldContain("\e[1;31m!! 0.0.0.0:8080");
        var plain = Encoding.UTF8.GetString(new Painter(isTerminal: true, isColoured: false).Screen(lines, 80));
        plain.ShouldNotContain("31m");
        plain.ShouldContain("\e[1mFINDINGS");
    }

    [Theory]
    [InlineData("LC_ALL=C.UTF-8 TERM=xterm", true)]
    [InlineData("LANG=de_DE.utf8 TERM=screen", true)]
    [InlineData("LC_ALL=C LANG=de_DE.UTF-8 TERM=xterm", false)]
    [InlineData("LANG=en_US.ISO-8859-1 TERM=xterm", false)]
    [InlineData("LANG=en_US.UTF-8 TERM=linux", false)]
    [InlineData("TERM=xterm", false)]
    public void Blocks_are_drawn_if_the_locale_supports_them(string environment, bool isUnicode)
    {
        var variables = environment.Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        Glyphs.For(variables.GetValueOrDefault).ShouldBeSameAs(isUnicode ? Glyphs.Unicode : Glyphs.Ascii);
    }

    [Fact]
    public void A_chart_keeps_its_peaks_and_shows_unknown_values_as_gaps()
    {
        Glyphs.Unicode.Sparkline([0, 1, 4, 8, null, 8], 8).ShouldBe("  ▁▂▅█ █");
        Glyphs.Unicode.Sparkline([0, 0, 0, 9, 0, 0, 0, 0], 4).ShouldBe("▁█▁▁");
        Glyphs.Unicode.Sparkline([0, 0], 3).ShouldBe(" ▁▁");
        Glyphs.Unicode.Sparkline([], 3).ShouldBe("   ");
        Glyphs.Unicode.Sparkline([1, 2], 0).ShouldBe("");
        Glyphs.Ascii.Bar(0, 5).ShouldBe(".....");
        Glyphs.Ascii.Bar(0.001, 5).ShouldBe("#....");
        Glyphs.Ascii.Bar(0.999, 5).ShouldBe("####.");
        Glyphs.Ascii.Bar(1.13, 5).ShouldBe("#####");
    }

    [Theory]
    [InlineData(0.0, "0", "0")]
    [InlineData(0.04, "0", "<0.1")]
    [InlineData(9.94, "9", "9.9")]
    [InlineData(9.96, "9", "10")]
    [InlineData(99_999.0, "99,999", "99,999")]
    [InlineData(123_456.0, "123k", "123k")]
    [InlineData(999_600.0, "1.0M", "1.0M")]
    [InlineData(12_345_678.0, "12M", "12M")]
    [InlineData(null, "?", "?")]
    public void Numbers_fit_a_column(double? number, string count, string rate) =>
        (TerminalNumber.Count(number), TerminalNumber.Rate(number)).ShouldBe((count, rate));

    [Theory]
    [InlineData(5, "5s")]
    [InlineData(134, "2m14s")]
    [InlineData(11_100, "3h05m")]
    [InlineData(1_051_200, "12d4h")]
    public void Ages_are_short(int seconds, string text) => TerminalNumber.Age(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    private static HostView Quiet()
    {
        var host = new WatchedHost();
        host.Listen("10.0.0.5", 443, "nginx.service", limit: 4096);
        host.Listen("::", 22, "sshd.service");
        Limits(host.Sample, timeWait: 12);
        for (var i = 0; i < 120; i++)
        {
            var wave = 100 + (i % 30);
            host.Tick(sample => sample.Kernel.States[TcpState.Established] = sample.StatePeaks[TcpState.Established] = wave);
        }

        return host.View;
    }

    private static HostView Blind()
    {
        var host = new WatchedHost();
        return host.Tick().Tick(sample =>
        {
            for (var id = SourceId.Sockets; id <= SourceId.Sysctl; id++)
            {
                sample.Kernel[id] = ReadResult.Failed(SourceError.PermissionDenied);
            }
        }).View;
    }

    private static HostView Busy()
    {
        var host = new WatchedHost();
        var web = host.Listen("0.0.0.0", 8080, "web.service", limit: 8);
        var database = host.Listen("127.0.0.1", 5432, "postgresql@15-main.service", limit: 244);
        host.Listen("10.0.0.5", 443, "nginx.service", limit: 4096);
        host.Listen("0.0.0.0", 22, "sshd.service");
        Limits(host.Sample, timeWait: 30_000);
        host.Sample.Listeners[web].SynQueueLength = 3;
        host.Sample.Listeners[web].SynQueuePeak = 17;
        host.Sample.Kernel.Sysctls[Sysctl.TcpFinTimeout] = new SysctlValue { Count = 1, First = 10 };
        host.Sample.Kernel.Sysctls[Sysctl.Somaxconn] = new SysctlValue { Count = 1, First = 4096 };
        host.Sample.Kernel.Sysctls[Sysctl.IpLocalPortRange] = new SysctlValue { Count = 2, First = 32_768, Second = 60_999 };
        host.Sample.Kernel.Sysctls[Sysctl.TcpTwReuse] = new SysctlValue { Count = 1, First = 2 };
        for (var i = 0; i < 90; i++)
        {
            var tick = i;
            host.Tick(sample =>
            {
                Set(sample, TcpState.Established, 1200 + (tick * 37 % 400));
                Set(sample, TcpState.TimeWait, 29_000 + (tick * 10));
                Set(sample, TcpState.CloseWait, Math.Min(40, tick));
                Set(sample, TcpState.SynRecv, tick % 17 == 0 ? 17 : 3);
                Set(sample, TcpState.Listen, 4);
                WatchedHost.Queue(sample, web, tick > 50 ? 9 : tick % 5, lost: tick > 60 ? (uint)(tick % 7) : 0);
                WatchedHost.Queue(sample, database, tick < 80 ? 230 : 12);
                WatchedHost.Add(sample.Kernel.Snmp, "PassiveOpens", 312);
                WatchedHost.Add(sample.Kernel.Snmp, "RetransSegs", 4);
            });
        }

        host.Swept(sweep =>
        {
            (sweep.PortsUsedIPv4, sweep.PortsUsedIPv6, sweep.PortsLimit, sweep.BusiestPortsUsed) = (24_900, 31, 28_232, 24_500);
            sweep.Busiest = new Destination(Listeners.Ip("10.0.0.1"), Listeners.Ip("10.0.0.2"), 5432);
            (sweep.Scarcest, sweep.ScarcestUnit) = (new DestinationPorts(sweep.Busiest, 24_500, 0, 24_500), "batch.service");
            foreach (ref readonly var listener in host.Sample.Listeners.Span)
            {
                var row = new SweepListener { Identity = listener.Identity };
                row.Connections[TcpState.Established] = listener.Identity.Port;
                row.Connections[TcpState.CloseWait] = listener.Identity.Port == 8080 ? 40 : 0;
                sweep.Listeners.Add(row);
            }
        });
        return host.Tick().View;
    }

    private static void Set(NamespaceSample sample, TcpState state, long count)
    {
        sample.Kernel.States[state] = count;
        sample.StatePeaks[state] = Math.Max(sample.StatePeaks[state], count);
    }

    private static void Limits(NamespaceSample sample, long timeWait)
    {
        var page = Environment.SystemPageSize;
        sample.Kernel.Sockstat = new SockstatCounts { TcpTimeWait = timeWait };
        sample.Host.Sockets = new HostSockets { Orphans = 5, MemoryPages = (300L << 20) / page };
        sample.Kernel.Sysctls[Sysctl.TcpMaxTwBuckets] = new SysctlValue { Count = 1, First = 32_768 };
        sample.Parameter(Sysctl.TcpMaxOrphans) = new SysctlValue { Count = 1, First = 32_768 };
        sample.Parameter(Sysctl.TcpMem) = new SysctlValue { Count = 3, First = 1, Second = (512L << 20) / page, Third = (768L << 20) / page };
    }

    private static void Check(string fixture, string[] lines)
    {
        var actual = string.Join('\n', lines) + "\n";
        var path = Fixture.Path(fixture);
        if (Environment.GetEnvironmentVariable("TCPSTAT_REWRITE") == "1")
        {
            File.WriteAllText(path, actual);
        }

        actual.ShouldBe(File.ReadAllText(path));
    }

    private static string[] Lines(IReadOnlyList<Line> lines) => [.. lines.Select(Text)];

    private static string Text(Line line) => string.Concat(line.Segments.Select(segment => segment.Text)).TrimEnd();
}
