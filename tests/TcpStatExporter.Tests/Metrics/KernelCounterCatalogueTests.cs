using System.Text.RegularExpressions;
using Shouldly;
using TcpStatExporter.Counters;
using TcpStatExporter.Metrics;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed partial class KernelCounterCatalogueTests
{
    /// <summary>A HELP is one line on a terminal or two in a tooltip, not a page.</summary>
    private const int LongestHelp = 300;

    private static readonly string[] CuratedTcp =
        "ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors"
            .Split(' ');

    private static readonly string[] CuratedTcpExt = """
        SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned TW TWRecycled
        TWKilled PAWSActive PAWSEstab ListenOverflows ListenDrops TCPLostRetransmit TCPFastRetrans TCPSlowStartRetrans
        TCPTimeouts TCPRcvCollapsed TCPDSACKRecv TCPDSACKOfoRecv TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory
        TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures TCPMemoryPressuresChrono TCPSpuriousRTOs TCPBacklogDrop TCPMinTTLDrop
        TCPDeferAcceptDrop TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPOFOQueue
        TCPOFODrop TCPChallengeACK TCPSYNChallenge TCPFastOpenListenOverflow TCPFromZeroWindowAdv TCPToZeroWindowAdv
        TCPWantZeroWindowAdv TCPSynRetrans TCPKeepAlive TCPZeroWindowDrop TCPRcvQDrop
        TCPDSACKRecvSegs
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Curated counters that a kernel still in use may lack, and the first release that has them.</summary>
    private static readonly Dictionary<string, Version> Since = new(StringComparer.Ordinal)
    {
        ["TCPMemoryPressuresChrono"] = new(4, 13),
        ["TCPZeroWindowDrop"] = new(4, 18),
        ["TCPRcvQDrop"] = new(4, 19),
        ["TCPDSACKRecvSegs"] = new(5, 9),
        ["MemErrors"] = new(5, 11),
    };

    public static TheoryData<string, string> EveryKnownName()
    {
        TheoryData<string, string> data = [];
        foreach (string name in KernelCounterNames.Tcp.Keys)
        {
            data.Add(nameof(KernelCounterGroup.Tcp), name);
        }

        foreach (string name in KernelCounterNames.TcpExt.Keys)
        {
            data.Add(nameof(KernelCounterGroup.TcpExt), name);
        }

        foreach (string name in KernelCounterNames.Udp.Keys)
        {
            data.Add(nameof(KernelCounterGroup.Udp), name);
            data.Add(nameof(KernelCounterGroup.Udp6), name);
        }

        foreach (string name in KernelCounterNames.Mptcp.Keys)
        {
            data.Add(nameof(KernelCounterGroup.MPTcpExt), name);
        }

        return data;
    }

    [Fact]
    public void Curates_the_default_set_in_the_order_of_the_kernel()
    {
        KernelCounterCatalogue.Curated(KernelCounterGroup.Tcp).Select(c => c.KernelName).ShouldBe(CuratedTcp);
        KernelCounterCatalogue.Curated(KernelCounterGroup.TcpExt).Select(c => c.KernelName).ShouldBe(CuratedTcpExt);
        KernelCounterCatalogue.Curated(KernelCounterGroup.MPTcpExt).Select(c => c.KernelName).ShouldBe(KernelCounterNames.Mptcp.Keys);
        foreach (KernelCounterGroup udp in new[] { KernelCounterGroup.Udp, KernelCounterGroup.Udp6 })
        {
            KernelCounterCatalogue.Curated(udp).Select(c => c.KernelName).ShouldBe(["InErrors", "RcvbufErrors", "SndbufErrors", "MemErrors"]);
        }
    }

    [Theory]
    [MemberData(nameof(EveryKnownName))]
    public void Has_every_counter_of_Linux_6_18(string group, string kernelName)
    {
        KernelCounter counter = KernelCounterCatalogue.Find(Enum.Parse<KernelCounterGroup>(group), kernelName);

        counter.KernelName.ShouldBe(kernelName);
        string suffix = counter.IsGauge ? "" : "_total";
        KernelCounterFamily.Of(counter).Name.ShouldBe($"tcpstat_{group.ToLowerInvariant()}_{CounterName.ToSnakeCase(kernelName)}{suffix}");

        string help = KernelCounterFamily.Of(counter).Help;
        help.ShouldStartWith($"{group}{kernelName}: ");
        help.ShouldEndWith(".");
        help.ShouldNotContain("kernel counter");
        help.ShouldNotContain("  ");
        help.ShouldAllBe(c => c >= ' ' && c <= '~' && c != '\\' && c != '"');
        help.Length.ShouldBeLessThanOrEqualTo(LongestHelp);
    }

    [Fact]
    public void Repeats_no_help() => All().Select(c => c.Meaning).ShouldBeUnique(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(EveryKnownName))]
    public void Refers_only_to_counters_that_exist(string group, string kernelName)
    {
        KernelCounter counter = KernelCounterCatalogue.Find(Enum.Parse<KernelCounterGroup>(group), kernelName);

        foreach (Match word in CounterInProse().Matches(KernelCounterFamily.Of(counter).Help[(group.Length + kernelName.Length)..]))
        {
            (KernelCounterNames.Tcp.ContainsKey(word.Value) || KernelCounterNames.TcpExt.ContainsKey(word.Value) || KernelCounterNames.Udp.ContainsKey(word.Value))
                .ShouldBeTrue($"{word.Value}, in the HELP of {kernelName}");
        }
    }

    [Fact]
    public void Only_decreasing_values_and_parameters_are_gauges() =>
        All().Where(c => c.IsGauge).Select(c => c.KernelName)
            .ShouldBe(["RtoAlgorithm", "RtoMin", "RtoMax", "MaxConn", "CurrEstab"]);

    [Fact]
    public void Creates_an_entry_for_an_unknown_counter()
    {
        KernelCounterCatalogue.Find(KernelCounterGroup.TcpExt, "TCPQuantumDrops").ShouldBe(new KernelCounter(
            KernelCounterGroup.TcpExt,
            "TCPQuantumDrops",
            IsGauge: false,
            IsCurated: false,
            "kernel counter, as /proc/net/netstat prints it."));

        var family = KernelCounterFamily.Of(KernelCounterCatalogue.Find(KernelCounterGroup.TcpExt, "TCPQuantumDrops"));
        (family.Name, family.Type, family.Help).ShouldBe(
            ("tcpstat_tcpext_quantum_drops_total", MetricType.Counter, "TcpExtTCPQuantumDrops: kernel counter, as /proc/net/netstat prints it."));

        KernelCounterFamily.Of(KernelCounterCatalogue.Find(KernelCounterGroup.Tcp, "ListenDrops")).Help
            .ShouldBe("TcpListenDrops: kernel counter, as /proc/net/snmp prints it.");
    }

    [Fact]
    public void Limits_the_effect_of_garbage_on_an_entry()
    {
        foreach (var c in new[] { 'x', '\\', '"' })
        {
            var family = KernelCounterFamily.Of(KernelCounterCatalogue.Find(KernelCounterGroup.TcpExt, new string(c, 1 << 20)));
            family.Name.Length.ShouldBeLessThan(150);
            family.Help.Length.ShouldBeLessThan(LongestHelp);
        }
    }

    [Theory]
    [InlineData("/proc/net/snmp", nameof(KernelCounterGroup.Tcp))]
    [InlineData("/proc/net/netstat", nameof(KernelCounterGroup.TcpExt))]
    [InlineData("/proc/net/snmp", nameof(KernelCounterGroup.Udp))]
    public void Agrees_with_the_running_kernel(string path, string group)
    {
        Assert.SkipUnless(File.Exists(path), $"{path}: no such file");
        string[] printed = File.ReadLines(path).First(line => line.StartsWith($"{group}: ", StringComparison.Ordinal)).Split(' ')[1..];
        Version kernel = RunningKernel();
        KernelCounterGroup of = Enum.Parse<KernelCounterGroup>(group);

        foreach (KernelCounter counter in KernelCounterCatalogue.Curated(of))
        {
            if (!Since.TryGetValue(counter.KernelName, out Version? since) || kernel >= since)
            {
                printed.ShouldContain(counter.KernelName, StringComparer.Ordinal);
            }
        }

        printed.Select(name => KernelCounterFamily.Of(KernelCounterCatalogue.Find(of, name)).Name).ShouldBeUnique(StringComparer.Ordinal);

        if (kernel == new Version(6, 18))
        {
            printed.ShouldBe(of switch
            {
                KernelCounterGroup.Tcp => KernelCounterNames.Tcp.Keys,
                KernelCounterGroup.Udp => KernelCounterNames.Udp.Keys,
                _ => KernelCounterNames.TcpExt.Keys,
            });
        }
    }

    [Fact]
    public void Agrees_with_the_MPTCP_fallbacks_of_the_running_kernel()
    {
        string? line = File.Exists("/proc/net/netstat") ? File.ReadLines("/proc/net/netstat").FirstOrDefault(line => line.StartsWith("MPTcpExt: ", StringComparison.Ordinal)) : null;
        Assert.SkipWhen(line is null || RunningKernel() < new Version(6, 18), "this kernel has no MPTCP, or not all of its counters");
        string[] printed = line!.Split(' ');
        KernelCounterNames.Mptcp.Keys.ShouldAllBe(name => printed.Contains(name, StringComparer.Ordinal));
        KernelCounterCatalogue.Find(KernelCounterGroup.MPTcpExt, "MPCurrEstab").IsGauge.ShouldBeTrue();
    }

    private static IEnumerable<KernelCounter> All() =>
        KernelCounterNames.Tcp.Keys.Select(name => KernelCounterCatalogue.Find(KernelCounterGroup.Tcp, name))
            .Concat(KernelCounterNames.TcpExt.Keys.Select(name => KernelCounterCatalogue.Find(KernelCounterGroup.TcpExt, name)))
            .Concat(KernelCounterNames.Udp.Keys.Select(name => KernelCounterCatalogue.Find(KernelCounterGroup.Udp, name)))
            .Concat(KernelCounterNames.Udp.Keys.Select(name => KernelCounterCatalogue.Find(KernelCounterGroup.Udp6, name)))
            .Concat(KernelCounterNames.Mptcp.Keys.Select(name => KernelCounterCatalogue.Find(KernelCounterGroup.MPTcpExt, name)));

    /// <summary>Returns the release of the running kernel: 6.18 for <c>6.18.44-cloud-amd64</c>.</summary>
    private static Version RunningKernel()
    {
        Version release = Environment.OSVersion.Version;
        return new Version(release.Major, release.Minor);
    }

    /// <summary>A word with a capital after a lower-case letter. Only counters and HyStart have that.</summary>
    [GeneratedRegex(@"\b(?!HyStart)[A-Z]+[a-z]+\d?[A-Z][A-Za-z0-9]*\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex CounterInProse();
}
