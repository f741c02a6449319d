using Shouldly;
using TcpStatExporter.Metrics;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed class MetricCatalogueTests
{
    /// <summary>The promise of /metrics: dashboards and rules depend on these names.</summary>
    private static readonly string[] Promised =
    [
        "tcpstat_connections", "tcpstat_connections_peak", "tcpstat_close_wait_unaccepted_connections",
        "tcpstat_close_wait_held_connections", "tcpstat_syn_sent_seconds_total", "tcpstat_syn_sent_destination_connections",
        "tcpstat_listen_unread_connections", "tcpstat_ephemeral_ports_busiest_destination_info",
        "tcpstat_listen_sockets", "tcpstat_listen_queue_length", "tcpstat_listen_queue_limit", "tcpstat_listen_queue_peak",
        "tcpstat_listen_queue_fill_ratio", "tcpstat_listen_queue_fill_ratio_peak", "tcpstat_listen_drops_total",
        "tcpstat_listen_syn_queue_length", "tcpstat_listen_syn_queue_peak", "tcpstat_listen_connections",
        "tcpstat_sockets_in_use", "tcpstat_sockets_allocated", "tcpstat_sockets_orphaned", "tcpstat_sockets_orphaned_limit",
        "tcpstat_sockets_time_wait", "tcpstat_sockets_time_wait_limit", "tcpstat_memory_bytes", "tcpstat_memory_limit_bytes", "tcpstat_sysctl",
        "tcpstat_last_sweep_timestamp_seconds", "tcpstat_ephemeral_ports_used", "tcpstat_ephemeral_ports_limit",
        "tcpstat_ephemeral_ports_busiest_destination_used",
        "tcpstat_ephemeral_ports_busiest_destination_held",
        "tcpstat_build_info", "tcpstat_samples_total", "tcpstat_samples_missed_total", "tcpstat_last_sample_timestamp_seconds",
        "tcpstat_sample_duration_seconds", "tcpstat_source_up", "tcpstat_source_errors_total", "tcpstat_source_info",
        "tcpstat_listeners_not_exported", "tcpstat_peak_window_seconds",
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds",
        "process_max_fds", "process_start_time_seconds", "process_threads", "tcpstat_finding",
        "dotnet_gc_collections_total", "dotnet_gc_allocated_bytes_total", "dotnet_gc_heap_size_bytes",
    ];

    private static readonly string[] Histograms =
        ["tcpstat_listen_queue_fill_ratio", "tcpstat_listen_queue_wait_seconds", "tcpstat_sample_duration_seconds"];

    [Fact]
    public void Has_every_promised_name() =>
        Promised.Except(MetricCatalogue.All.Select(entry => entry.Family.Name), StringComparer.Ordinal).ShouldBeEmpty();

    [Fact]
    public void Has_each_name_once_and_none_of_a_kernel_counter()
    {
        MetricCatalogue.All.Select(entry => entry.Family.Name).ShouldBeUnique(StringComparer.Ordinal);
        MetricCatalogue.All.ShouldNotContain(entry => entry.Family.Name.StartsWith("tcpstat_tcp_", StringComparison.Ordinal)
            || entry.Family.Name.StartsWith("tcpstat_tcpext_", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_begin_with_their_prefix()
    {
        foreach (var (family, source) in MetricCatalogue.All)
        {
            var prefixes = source == "process" ? new[] { "process_", "dotnet_" } : ["tcpstat_"];
            prefixes.ShouldContain(prefix => family.Name.StartsWith(prefix, StringComparison.Ordinal), family.Name);
        }
    }

    [Fact]
    public void Types_are_as_promised()
    {
        foreach (var family in MetricCatalogue.All.Select(entry => entry.Family))
        {
            family.Type.ShouldBe(
                Histograms.Contains(family.Name, StringComparer.Ordinal) ? MetricType.Histogram
                : family.Name.EndsWith("_total", StringComparison.Ordinal) ? MetricType.Counter
                : family.Name.EndsWith("_info", StringComparison.Ordinal) ? MetricType.Info
                : MetricType.Gauge,
                family.Name);
        }
    }

    [Fact]
    public void Help_is_a_sentence()
    {
        foreach (var family in MetricCatalogue.All.Select(entry => entry.Family))
        {
            family.Help.ShouldEndWith(".", Case.Sensitive, family.Name);
        }
    }

    /// <summary>The documented labels match those on the page.</summary>
    [Fact]
    public void Labels_match_the_page()
    {
        var time = new ManualTimeProvider();
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(), time);
        using var ownSampler = sampler;
        for (var second = 0; second < 4; second++)
        {
            sampler.Sample();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var page = RenderedPage.Of(store);
        foreach (var family in MetricCatalogue.All.Select(entry => entry.Family))
        {
            var name = family.Type == MetricType.Histogram ? family.Name + "_count" : family.Name;
            foreach (var series in page.Labels(name))
            {
                var written = series.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=')[0]).ToArray();
                (written.SequenceEqual(family.Labels, StringComparer.Ordinal)
                    || (family == MetricCatalogue.SysctlValue && written.SequenceEqual(["name"], StringComparer.Ordinal))).ShouldBeTrue($"{family.Name}: {series}");
            }
        }
    }
}
