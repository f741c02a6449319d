using Shouldly;
using TcpStatExporter.EndToEnd.Exporter;
using TcpStatExporter.EndToEnd.Truth;
using Xunit;

namespace TcpStatExporter.EndToEnd;

/// <summary>
/// A copy of a namespace's files as --path.procfs. If a file breaks, only the metric families of its source disappear. They
/// return when the file is restored.
/// </summary>
public sealed class BadInputTests
{
    private static readonly string[] Sources = ["sockets", "listeners", "snmp", "netstat", "sockstat", "sysctl"];

    private static readonly string[] SweepFamilies =
        ["tcpstat_listen_connections", "tcpstat_listen_unread_", "tcpstat_ephemeral_", "tcpstat_last_sweep_"];

    private static readonly (ProcTree.Damage Damage, string[] Reasons)[] Damages =
    [
        (ProcTree.Damage.Gone, ["not_found"]),
        (ProcTree.Damage.Empty, ["empty"]),
        (ProcTree.Damage.CutOff, ["truncated", "header_mismatch"]),
        (ProcTree.Damage.Garbage, ["malformed", "truncated"]),
        (ProcTree.Damage.Forbidden, ["permission_denied"]),
        (ProcTree.Damage.Folder, ["io"]),
        (ProcTree.Damage.Huge, ["too_large", "malformed", "truncated"]),
    ];

    [Fact]
    public void A_copy_of_procfs_gives_the_same_values_as_the_host()
    {
        using var ns = NetNamespace.Create();
        using var fault = new EveryState(ns);
        using var tree = new ProcTree(ns);
        using var exporter = Start(ns, tree);

        var scrape = exporter.ScrapeFresh();

        foreach (var (name, state) in Figures.StateNames)
        {
            scrape.Value("tcpstat_connections", ("state", name)).ShouldBe(fault.Expected[state], name);
        }

        scrape.Value("tcpstat_close_wait_unaccepted_connections").ShouldBe(fault.CloseWaitUnaccepted);
        scrape.Value("tcpstat_sockets_time_wait").ShouldBe(fault.Expected[Kernel.Model.TcpState.TimeWait] + fault.FinWait2Minisockets);
        scrape.Samples("tcpstat_source_info").ShouldAllBe(sample => sample["method"] == "procfs", "netlink would speak of this host");
        scrape.OfListener("tcpstat_listen_sockets", exporter.Web).ShouldBeNull("it is not in the copy");
    }

    [Theory]
    [InlineData("snmp", "snmp")]
    [InlineData("netstat", "netstat")]
    [InlineData("sockstat", "sockstat")]
    [InlineData("sockstat6", "sockstat")]
    [InlineData("tcp", "sockets", "listeners")]
    [InlineData("tcp6", "sockets", "listeners")]
    public void A_broken_file_removes_only_its_own_families_until_it_is_restored(string file, params string[] sources)
    {
        using var ns = NetNamespace.Create();
        Assert.SkipWhen(file.EndsWith('6') && !ns.HasIPv6, "no IPv6");
        using var fault = new EveryState(ns);
        using var tree = new ProcTree(ns);
        using var exporter = Start(ns, tree);
        exporter.WaitForSweep();
        var good = Steady(exporter.ScrapeFresh());

        foreach (var (damage, reasons) in Damages)
        {
            if (damage == ProcTree.Damage.Gone && file.EndsWith('6'))
            {
                // as on a host without IPv6
                tree.Harm(file, damage);
                exporter.ScrapeFresh().Samples("tcpstat_source_up").ShouldAllBe(sample => sample.Value == 1);
                tree.Restore(file);

                // its listeners are new
                good = Steady(exporter.ScrapeFresh());
                continue;
            }

            var logBefore = exporter.Log.Length;
            var before = exporter.Scrape();

            tree.Harm(file, damage);
            var bad = exporter.ScrapeFresh();

            var what = $"{file} {damage}";
            foreach (var source in sources)
            {
                bad.Value("tcpstat_source_up", ("source", source)).ShouldBe(0, what);
                string[] counted = [.. Reasons(bad, source).Where(reason => reason.Value > Reasons(before, source)[reason.Key]).Select(reason => reason.Key)];
                counted.ShouldHaveSingleItem(what).ShouldBeOneOf(reasons);
            }

            bad.Samples("tcpstat_source_up").Count(sample => sample.Value == 0 && sample["source"] is not "sweep").ShouldBe(sources.Length, what);
            var expected = good.Where(family => !sources.Any(source => IsOf(source, family.Key)));
            Steady(bad).ShouldBe(expected, ignoreOrder: true, what);

            // the breaker retries only after 5 s if the source failed for long
            tree.Restore(file);
            Wait.Until(
                () => exporter.Scrape().Samples("tcpstat_source_up").All(sample => sample.Value == 1 || sample["source"] is "sweep"),
                () => $"{what}: back; log:\n{exporter.Log}",
                TimeSpan.FromSeconds(30),
                TimeSpan.FromMilliseconds(50));
            Steady(exporter.ScrapeFresh()).ShouldBe(good, ignoreOrder: true, what);

            string[] lines = [];
            Wait.Until(
                () => (lines = LinesOfSources(exporter.Log[logBefore..])).Length >= 2 * sources.Length,
                () => $"{what}: a line for each failure and return:\n{exporter.Log[logBefore..]}");
            lines.Length.ShouldBe(2 * sources.Length, $"{what}: once when it failed, once when it was back:\n{string.Join('\n', lines)}");
            foreach (var source in sources)
            {
                lines.Count(line => line.Contains($"Source {source} cannot be read", StringComparison.OrdinalIgnoreCase)).ShouldBe(1, what);
                lines.Count(line => line.Contains($"Source {source} can be read again", StringComparison.OrdinalIgnoreCase)).ShouldBe(1, what);
            }
        }
    }

    [Fact]
    public void A_source_that_is_broken_at_the_start_is_retried_later_and_recovers()
    {
        using var ns = NetNamespace.Create();
        using var tree = new ProcTree(ns);
        tree.Harm("netstat", ProcTree.Damage.Gone);
        using var exporter = Start(ns, tree);

        var first = Asked(exporter.ScrapeFresh());
        var later = exporter.ScrapeFresh();
        while (later.Value("tcpstat_samples_total") < 20)
        {
            later = exporter.ScrapeFresh();
        }

        Asked(later).ShouldBeLessThan(10, "not at each tick");
        first.ShouldBeGreaterThanOrEqualTo(1);
        later.Value("tcpstat_source_up", ("source", "netstat")).ShouldBe(0);
        tree.Restore("netstat");
        Wait.Until(
            () => exporter.Scrape().Value("tcpstat_source_up", ("source", "netstat")) == 1,
            () => $"netstat is back; log:\n{exporter.Log}",
            TimeSpan.FromSeconds(30),
            TimeSpan.FromMilliseconds(100));
        exporter.ScrapeFresh().Families.Keys.ShouldContain(name => name == "tcpstat_tcpext_listen_drops_total");

        static double Asked(Scrape scrape) => scrape.Value("tcpstat_source_errors_total", ("source", "netstat"), ("reason", "not_found"));
    }

    [Fact]
    public void With_an_empty_procfs_root_the_daemon_has_no_sample_and_does_not_crash()
    {
        using var ns = NetNamespace.Create();
        using var tree = new ProcTree(ns);
        foreach (var file in ProcTree.Files)
        {
            tree.Harm(file, ProcTree.Damage.Gone);
        }

        tree.RemoveSysctls();

        var once = ExporterProcess.Run(ns, asNobody: false, "once", $"--path.procfs={tree.Root}", "--sample.interval=100ms");

        once.ExitCode.ShouldBe(1);
        var scrape = Scrape.Parse(once.Output);

        // the advisor runs, but has nothing to judge and finds nothing
        scrape.Samples("tcpstat_source_up").Where(sample => sample.Labels["source"] != "advisor").ShouldAllBe(sample => sample.Value == 0);
        scrape.Families.Keys.ShouldNotContain(name => name == "tcpstat_connections");
        once.Error.ShouldNotContain("   at ");
    }

    /// <summary>Runs as nobody, because root may read everything.</summary>
    private static ExporterProcess Start(NetNamespace ns, ProcTree tree) =>
        ExporterProcess.Start(ns, asNobody: true, arguments: [$"--path.procfs={tree.Root}", "--sample.interval=100ms"]);

    /// <summary>The sweep has its own interval, and a stalled machine may log other lines.</summary>
    private static string[] LinesOfSources(string log) =>
        [.. log.Split('\n').Where(line => line.Contains("Source ", StringComparison.Ordinal) && !line.Contains("Source sweep", StringComparison.Ordinal))];

    private static Dictionary<string, double> Reasons(Scrape scrape, string source) =>
        scrape.Samples("tcpstat_source_errors_total").Where(sample => sample["source"] == source).ToDictionary(sample => sample["reason"], sample => sample.Value, StringComparer.Ordinal);

    /// <summary>Families from the kernel, which change only if the files do. The sweep has its own interval.</summary>
    private static Dictionary<string, string> Steady(Scrape scrape) =>
        scrape.Families.Values
            .Where(family => Sources.Any(source => IsOf(source, family.Name)))
            .ToDictionary(family => family.Name, family => string.Join('\n', family.Samples.Select(sample => $"{sample.Name} {string.Join(',', sample.Labels)} {sample.Value}")), StringComparer.Ordinal);

    private static bool IsOf(string source, string family)
    {
        if (SweepFamilies.Any(start => family.StartsWith(start, StringComparison.Ordinal)))
        {
            return false;
        }

        string[] starts = source switch
        {
            // time in SYN_SENT, and who has been in it for long, changes by itself
            "sockets" => ["tcpstat_connections", "tcpstat_close_wait_", "tcpstat_listen_syn_"],
            "listeners" => ["tcpstat_listen_", "tcpstat_listeners_not_exported"],
            "snmp" => ["tcpstat_tcp_"],
            "netstat" => ["tcpstat_tcpext_", "tcpstat_listen_lost_"],
            "sockstat" => ["tcpstat_sockets_in_use", "tcpstat_sockets_allocated", "tcpstat_sockets_orphaned", "tcpstat_sockets_time_wait", "tcpstat_memory_bytes"],
            _ => ["tcpstat_sysctl", "tcpstat_sockets_orphaned_limit", "tcpstat_sockets_time_wait_limit", "tcpstat_memory_limit_bytes"],
        };
        return starts.Any(start => family.StartsWith(start, StringComparison.Ordinal)) && (source is "sysctl" || !family.Contains("_limit", StringComparison.Ordinal));
    }
}
