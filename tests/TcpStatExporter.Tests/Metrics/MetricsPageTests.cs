using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using TcpStatExporter.Advisor;
using TcpStatExporter.Advisor.Rules;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using TcpStatExporter.Tests.Support;
using Xunit;

namespace TcpStatExporter.Tests.Metrics;

public sealed class MetricsPageTests
{
    private const string Listener = "address=10.0.0.1,port=2,device=,unit=unit1.service";

    private static readonly string[] States =
    [
        "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "time_wait", "close", "close_wait", "last_ack", "listen", "closing",
    ];

    private readonly ManualTimeProvider _time = new();

    public static TheoryData<SourceId, string[]> FamiliesBySource => new()
    {
        {
            SourceId.Sockets,
            [
                "tcpstat_connections", "tcpstat_connections_peak", "tcpstat_states_age_seconds", "tcpstat_close_wait_unaccepted_connections", "tcpstat_close_wait_held_connections",
                "tcpstat_syn_sent_seconds_total", "tcpstat_listen_syn_queue_length", "tcpstat_listen_syn_queue_peak",
            ]
        },
        {
            SourceId.Listeners,
            [
                "tcpstat_listen_sockets", "tcpstat_listen_queue_length", "tcpstat_listen_queue_limit", "tcpstat_listen_queue_peak",
                "tcpstat_listen_queue_fill_ratio", "tcpstat_listen_queue_fill_ratio_peak", "tcpstat_listen_drops_total",
                "tcpstat_listen_lost_total", "tcpstat_listen_lost_unattributed_total", "tcpstat_listen_opened_timestamp_seconds", "tcpstat_listen_openings_total",
                "tcpstat_listen_syn_queue_length", "tcpstat_listen_syn_queue_peak", "tcpstat_listeners_not_exported",
            ]
        },
        { SourceId.Snmp, ["tcpstat_tcp_*"] },
        { SourceId.Netstat, ["tcpstat_tcpext_*", "tcpstat_listen_lost_total", "tcpstat_listen_lost_unattributed_total"] },
        { SourceId.Sockstat, ["tcpstat_sockets_in_use", "tcpstat_sockets_allocated", "tcpstat_sockets_orphaned", "tcpstat_sockets_time_wait", "tcpstat_memory_bytes"] },
        { SourceId.Sysctl, ["tcpstat_sockets_orphaned_limit", "tcpstat_sockets_time_wait_limit", "tcpstat_memory_limit_bytes", "tcpstat_conntrack_entries_limit", "tcpstat_sysctl"] },
        { SourceId.Udp, ["tcpstat_udp_drops_total", "tcpstat_udp_queue_bytes", "tcpstat_udp_queue_limit_bytes", "tcpstat_udp_socket_drops_total"] },
        { SourceId.Conntrack, ["tcpstat_conntrack_entries", "tcpstat_conntrack_drops_total"] },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_value_has_its_name(bool isOpenMetrics)
    {
        var page = RenderedPage.Of(Sampled(FakeHost.Sources(listeners: 2)), isOpenMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText);

        page.Labels("tcpstat_connections").ShouldBe(States.Select(state => $"state={state}"));
        page.Labels("tcpstat_connections_peak").ShouldBe(States.Select(state => $"state={state}"));
        page.Value("tcpstat_connections", "state=closing").ShouldBe(110);
        page.Value("tcpstat_connections_peak", "state=fin_wait2").ShouldBe(50);
        page.Value("tcpstat_close_wait_unaccepted_connections").ShouldBe(3);

        page.Labels("tcpstat_listen_sockets").ShouldBe(["address=10.0.0.1,port=1,device=,unit=unit1.service", Listener]);
        page.Value("tcpstat_listen_sockets", Listener).ShouldBe(1);
        page.Value("tcpstat_listen_queue_length", Listener).ShouldBe(1);
        page.Value("tcpstat_listen_queue_limit", Listener).ShouldBe(128);
        page.Value("tcpstat_listen_queue_peak", Listener).ShouldBe(1);
        page.Value("tcpstat_listen_queue_fill_ratio_bucket", Listener + (isOpenMetrics ? ",le=0.0" : ",le=0")).ShouldBe(0);
        page.Value("tcpstat_listen_queue_fill_ratio_bucket", Listener + ",le=0.25").ShouldBe(1);
        page.Value("tcpstat_listen_queue_fill_ratio_sum", Listener).ShouldBe(1 / 128.0);
        page.Value("tcpstat_listen_queue_fill_ratio_count", Listener).ShouldBe(1);
        page.Value("tcpstat_listen_queue_fill_ratio_peak", Listener).ShouldBe(1 / 128.0);
        page.Value("tcpstat_listen_drops_total", Listener).ShouldBe(1);
        page.Value("tcpstat_listen_syn_queue_length", Listener).ShouldBe(0);
        page.Value("tcpstat_listen_syn_queue_peak", Listener).ShouldBe(0);

        page.Value("tcpstat_tcp_active_opens_total").ShouldBe(7);
        page.Value("tcpstat_tcp_curr_estab").ShouldBe(7);
        page.Value("tcpstat_tcpext_listen_drops_total").ShouldBe(7);

        page.Value("tcpstat_sockets_in_use", "family=ipv4").ShouldBe(11);
        page.Value("tcpstat_sockets_in_use", "family=ipv6").ShouldBe(16);
        page.Value("tcpstat_sockets_orphaned").ShouldBe(12);
        page.Value("tcpstat_sockets_time_wait").ShouldBe(13);
        page.Value("tcpstat_sockets_allocated").ShouldBe(14);
        page.Value("tcpstat_memory_bytes").ShouldBe(15.0 * Environment.SystemPageSize);
        page.Labels("tcpstat_udp_queue_bytes").Length.ShouldBe(32);
        page.Value("tcpstat_udp_drops_total", "address=10.0.0.1,port=500,device=,unit=unit1.service").ShouldBe(0);
        page.Value("tcpstat_udp_queue_bytes", "address=10.0.0.1,port=500,device=,unit=unit1.service").ShouldBe(50);
        page.Value("tcpstat_udp_queue_limit_bytes", "address=10.0.0.1,port=500,device=,unit=unit1.service").ShouldBe(100);
        page.Value("tcpstat_udp_socket_drops_total").ShouldBe(0);
        page.Value("tcpstat_conntrack_entries").ShouldBe(17);
        page.Value("tcpstat_conntrack_entries_limit").ShouldBe(32_768);
        page.Value("tcpstat_conntrack_drops_total", "reason=drop").ShouldBe(18);
        page.Value("tcpstat_conntrack_drops_total", "reason=early_drop").ShouldBe(19);
        page.Value("tcpstat_conntrack_drops_total", "reason=insert_failed").ShouldBe(20);
        page.Value("tcpstat_sockets_orphaned_limit").ShouldBe(32_768);
        page.Value("tcpstat_sockets_time_wait_limit").ShouldBe(32_768);
        page.Labels("tcpstat_memory_limit_bytes").ShouldBe(["level=low", "level=pressure", "level=high"]);
        page.Value("tcpstat_memory_limit_bytes", "level=pressure").ShouldBe(60_999.0 * Environment.SystemPageSize);
        page.Value("tcpstat_sysctl", "name=net.ipv4.tcp_max_orphans").ShouldBe(32_768);
        page.Value("tcpstat_sysctl", "name=net.ipv4.tcp_wmem,index=2").ShouldBe(100_000);

        page.Value("tcpstat_samples_total").ShouldBe(1);
        page.Value("tcpstat_samples_missed_total").ShouldBe(0);
        page.Value("tcpstat_last_sample_timestamp_seconds").ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        page.Value("tcpstat_peak_window_seconds").ShouldBe(60);
        page.Value("tcpstat_listeners_not_exported").ShouldBe(0);
        page.Labels("tcpstat_source_up").ShouldBe(["source=sockets", "source=listeners", "source=snmp", "source=netstat", "source=sockstat", "source=sysctl", "source=conntrack", "source=udp"]);
        page.Value("tcpstat_source_info", "source=snmp,method=procfs").ShouldBe(1);
        page.Value("tcpstat_source_errors_total", "source=sysctl,reason=permission_denied").ShouldBe(0);
        page.Value("tcpstat_sample_duration_seconds_count", "source=netstat").ShouldBe(1);
        page.Labels("tcpstat_build_info").ShouldHaveSingleItem().ShouldStartWith("version=");
    }

    [Theory]
    [MemberData(nameof(FamiliesBySource))]
    public void A_failed_source_has_no_families_and_the_others_keep_theirs(SourceId broken, string[] families)
    {
        var sources = FakeHost.Sources();
        var store = Sampled(sources);
        var whole = RenderedPage.Of(store);

        sources.Single(source => source.Id == broken).OnRead = _ => ReadResult.Failed(SourceError.PermissionDenied);
        var page = RenderedPage.Of(Sampled(sources));

        whole.Names.Except(page.Names, StringComparer.Ordinal).Where(name => !families.Contains(Family(name), StringComparer.Ordinal)).ShouldBeEmpty();
        whole.Names.Select(Family).Intersect(families, StringComparer.Ordinal).ShouldBe(families, StringComparer.Ordinal, ignoreOrder: true);
        page.Names.Select(Family).Intersect(families, StringComparer.Ordinal).ShouldBeEmpty();
        page.Value("tcpstat_source_up", $"source={broken.ToString().ToLowerInvariant()}").ShouldBe(0);
        page.Value("tcpstat_source_errors_total", $"source={broken.ToString().ToLowerInvariant()},reason=permission_denied").ShouldBe(1);

        static string Family(string name) => name switch
        {
            _ when name.StartsWith("tcpstat_tcp_", StringComparison.Ordinal) => "tcpstat_tcp_*",
            _ when name.StartsWith("tcpstat_tcpext_", StringComparison.Ordinal) => "tcpstat_tcpext_*",
            _ when name.StartsWith("tcpstat_listen_queue_fill_ratio_", StringComparison.Ordinal) && !name.EndsWith("_peak", StringComparison.Ordinal) => "tcpstat_listen_queue_fill_ratio",
            _ => name,
        };
    }

    [Fact]
    public void Before_the_first_sample_only_the_exporter_has_metrics()
    {
        var page = RenderedPage.Of(FakeHost.Sampler(FakeHost.Sources(), _time).Store, ExpositionFormat.OpenMetrics);
        page.Has("tcpstat_connections").ShouldBeFalse();
        page.Has("tcpstat_last_sample_timestamp_seconds").ShouldBeFalse();
        page.Value("tcpstat_samples_total").ShouldBe(0);
        page.Value("tcpstat_peak_window_seconds").ShouldBe(60);
        page.Value("tcpstat_source_up", "source=snmp").ShouldBe(0);
    }

    [Fact]
    public void A_page_served_by_another_program_has_no_metrics_of_this_process()
    {
        var text = RenderedPage.Of(new MetricsPage(Sampled(FakeHost.Sources()), new AdviceStore(), process: null, allCounters: false)).Text;
        text.ShouldContain("tcpstat_connections{");
        text.ShouldNotContain("process_");
        text.ShouldNotContain("dotnet_");
    }

    [Fact]
    public void Findings_disappear_with_their_sources()
    {
        var store = new SampleStore();
        var advice = new AdviceStore();
        var machine = new FakeHostSource(HostSourceId.Machine);
        using var host = new HostFactsReader(machine, new FakeHostSource(HostSourceId.Softnet), TimeSpan.Zero, _time, new RecordingLogger<HostFactsReader>());
        using var sampler = new Sampler(FakeHost.Sources(), Listeners.Table(), Listeners.Stuck(), host, TimeSpan.FromSeconds(60), store, _time, new RecordingLogger<Sampler>());
        using var examiner = new Examiner(RuleBook.All, store, advice, _time, new RecordingLogger<Examiner>());
        sampler.Sample();
        examiner.Begin();
        examiner.Examine();
        RenderedPage.Of(store, advice: advice).Has("tcpstat_finding").ShouldBeTrue();

        machine.OnRead = _ => ReadResult.Failed(SourceError.Io);
        sampler.Sample();
        RenderedPage.Of(store, advice: advice).Has("tcpstat_finding").ShouldBeFalse();
        RenderedPage.Of(store).Value("tcpstat_source_up", "source=advisor").ShouldBe(0);
    }

    [Fact]
    public void Processor_drops_disappear_with_their_own_source()
    {
        var store = new SampleStore();
        var softnet = new FakeHostSource(HostSourceId.Softnet)
        {
            OnRead = static facts =>
            {
                facts.Machine.Softnet = new SoftnetCounts { Processed = 1, Dropped = 21, Squeezed = 22 };
                return ReadResult.Ok;
            },
        };
        using var host = new HostFactsReader(new FakeHostSource(HostSourceId.Machine), softnet, TimeSpan.Zero, _time, new RecordingLogger<HostFactsReader>());
        using var sampler = new Sampler(FakeHost.Sources(), Listeners.Table(), Listeners.Stuck(), host, TimeSpan.FromSeconds(60), store, _time, new RecordingLogger<Sampler>());
        sampler.Sample();
        var page = RenderedPage.Of(store);
        page.Value("tcpstat_softnet_dropped_total").ShouldBe(21);
        page.Value("tcpstat_softnet_squeezed_total").ShouldBe(22);
        page.Value("tcpstat_source_up", "source=softnet").ShouldBe(1);

        softnet.OnRead = _ => ReadResult.Failed(SourceError.Malformed);
        sampler.Sample();
        page = RenderedPage.Of(store);
        page.Names.ShouldNotContain(name => name.StartsWith("tcpstat_softnet", StringComparison.Ordinal));
        page.Value("tcpstat_source_up", "source=softnet").ShouldBe(0);
        page.Value("tcpstat_source_up", "source=advisor").ShouldBe(1);
    }

    [Fact]
    public void Limit_fill_and_drops_are_absent_with_procfs()
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == SourceId.Listeners).OnRead = snapshot =>
        {
            snapshot.Listeners.Clear();
            snapshot.Listeners.Add(Listeners.ProcfsSocket("0.0.0.0", 80, 5));
            return ReadResult.Ok;
        };
        var page = RenderedPage.Of(Sampled(sources));
        page.Value("tcpstat_listen_queue_length", "address=0.0.0.0,port=80,device=,unit=").ShouldBe(5);
        page.Value("tcpstat_listen_queue_peak", "address=0.0.0.0,port=80,device=,unit=").ShouldBe(5);
        page.Names.ShouldNotContain(name => name.Contains("limit", StringComparison.Ordinal) && name.Contains("listen", StringComparison.Ordinal));
        page.Names.ShouldNotContain(name => name.Contains("fill_ratio", StringComparison.Ordinal));
        page.Has("tcpstat_listen_drops_total").ShouldBeFalse();
    }

    [Fact]
    public void An_unknown_state_appears_once_seen_and_stays()
    {
        var sources = FakeHost.Sources();
        var sockets = sources.Single(source => source.Id == SourceId.Sockets);
        var ordinary = sockets.OnRead;
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            RenderedPage.Of(store).Text.ShouldNotContain("unknown");
            sockets.OnRead = snapshot =>
            {
                ordinary(snapshot);
                snapshot.States.Unknown = 2;
                return ReadResult.Ok;
            };
            sampler.Sample();
            RenderedPage.Of(store).Value("tcpstat_connections", "state=unknown").ShouldBe(2);
            sockets.OnRead = snapshot =>
            {
                snapshot.States.Unknown = 0;
                return ReadResult.Ok;
            };
            sampler.Sample();
            RenderedPage.Of(store).Value("tcpstat_connections", "state=unknown").ShouldBe(0);
            RenderedPage.Of(store).Value("tcpstat_connections_peak", "state=unknown").ShouldBe(2);
        }
    }

    [Fact]
    public void All_counters_include_unknown_ones_and_no_name_twice()
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == SourceId.Netstat).OnRead = snapshot =>
        {
            snapshot.Netstat.SetNames(["ListenDrops", "TCPBrandNew", "BrandNew", "TCPPureAcks"]);
            ((ReadOnlySpan<ulong>)[1, ulong.MaxValue, 3, 4]).CopyTo(snapshot.Netstat.Values);
            return ReadResult.Ok;
        };
        var store = Sampled(sources);
        var all = RenderedPage.Of(store, allCounters: true);
        all.Names.Where(name => name.StartsWith("tcpstat_tcpext_", StringComparison.Ordinal)).ShouldBe(
            ["tcpstat_tcpext_listen_drops_total", "tcpstat_tcpext_brand_new_total", "tcpstat_tcpext_pure_acks_total"]);
        all.Value("tcpstat_tcpext_brand_new_total").ShouldBe(ulong.MaxValue, "the first of two that have one name");

        var curated = RenderedPage.Of(store);
        curated.Names.Where(name => name.StartsWith("tcpstat_tcpext_", StringComparison.Ordinal)).ShouldBe(["tcpstat_tcpext_listen_drops_total"]);
    }

    [Fact]
    public void A_changed_layout_of_a_kernel_table_is_detected()
    {
        var sources = FakeHost.Sources();
        var netstat = sources.Single(source => source.Id == SourceId.Netstat);
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
            var page = RenderedPage.Page(store);
            RenderedPage.Of(page).Has("tcpstat_tcpext_syncookies_sent_total").ShouldBeTrue();
            netstat.OnRead = snapshot =>
            {
                snapshot.Netstat.SetNames(["ListenOverflows", "ListenDrops"]);
                ((ReadOnlySpan<ulong>)[11, 22]).CopyTo(snapshot.Netstat.Values);
                return ReadResult.Ok;
            };
            sampler.Sample();
            var changed = RenderedPage.Of(page);
            changed.Value("tcpstat_tcpext_listen_overflows_total").ShouldBe(11);
            changed.Value("tcpstat_tcpext_listen_drops_total").ShouldBe(22);
            changed.Has("tcpstat_tcpext_syncookies_sent_total").ShouldBeFalse();
        }
    }

    [Fact]
    public void A_signed_parameter_keeps_its_sign()
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == SourceId.Snmp).OnRead = snapshot =>
        {
            snapshot.Snmp.SetNames(["MaxConn"]);
            snapshot.Snmp.Values[0] = ulong.MaxValue;
            return ReadResult.Ok;
        };
        RenderedPage.Of(Sampled(sources), allCounters: true).Value("tcpstat_tcp_max_conn").ShouldBe(-1);
    }

    [Fact]
    public void A_huge_memory_limit_does_not_become_negative()
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == SourceId.Sysctl).OnRead = snapshot =>
        {
            snapshot.Sysctls[Sysctl.TcpMem] = new SysctlValue { Count = 3, First = 1, Second = 2, Third = long.MaxValue };
            return ReadResult.Ok;
        };
        RenderedPage.Of(Sampled(sources)).Value("tcpstat_memory_limit_bytes", "level=high").ShouldBe((double)long.MaxValue * Environment.SystemPageSize);
    }

    [Fact]
    public void A_host_without_IPv6_or_a_parameter_lacks_only_these_series()
    {
        var sources = FakeHost.Sources();
        sources.Single(source => source.Id == SourceId.Sockstat).OnRead = snapshot =>
        {
            snapshot.Sockstat = new SockstatCounts { TcpInUse = 5 };
            return ReadResult.Ok;
        };
        sources.Single(source => source.Id == SourceId.Sysctl).OnRead = snapshot =>
        {
            snapshot.Sysctls[Sysctl.TcpTwReuse] = new SysctlValue { Count = 1, First = 2 };
            return ReadResult.Ok;
        };
        var page = RenderedPage.Of(Sampled(sources));
        page.Labels("tcpstat_sockets_in_use").ShouldBe(["family=ipv4"]);
        page.Labels("tcpstat_sysctl").ShouldBe(["name=net.ipv4.tcp_tw_reuse"]);
        page.Has("tcpstat_memory_limit_bytes").ShouldBeFalse();
        page.Has("tcpstat_sockets_orphaned_limit").ShouldBeFalse();
    }

    [Fact]
    public void A_failed_sweep_removes_its_families()
    {
        var store = Sampled(FakeHost.Sources(listeners: 1));
        var identity = new ListenerIdentity(Listeners.Ip("::"), 443, "nginx.service");
        var sweep = new SweepSample { Status = ReadResult.Ok, UnixMilliseconds = 5500, PortsUsedIPv4 = 1, PortsUsedIPv6 = 2, PortsLimit = 3, BusiestPortsUsed = 4, Scarcest = new DestinationPorts(default, Used: 4, TimeWait: 2, Held: 2), ScarcestName = new DestinationName("10.0.0.1", "10.0.0.2:5432", "app.service") };
        sweep.Listeners.Add(new SweepListener { Identity = identity, Unread = 8 });
        sweep.Listeners[0].Connections[TcpState.CloseWait] = 9;
        var statistics = new SourceStatistics { Exists = true, Method = SourceMethod.Netlink };
        store.Publish(sweep, statistics);

        var page = RenderedPage.Of(store);
        page.Labels("tcpstat_listen_connections").ShouldBe(
            States.Where(state => state != "listen").Select(state => $"address=::,port=443,device=,unit=nginx.service,state={state}"));
        page.Value("tcpstat_listen_connections", "address=::,port=443,device=,unit=nginx.service,state=close_wait").ShouldBe(9);
        page.Value("tcpstat_ephemeral_ports_used", "family=ipv4").ShouldBe(1);
        page.Value("tcpstat_ephemeral_ports_used", "family=ipv6").ShouldBe(2);
        page.Value("tcpstat_ephemeral_ports_limit").ShouldBe(3);
        page.Value("tcpstat_ephemeral_ports_busiest_destination_used").ShouldBe(4);
        page.Value("tcpstat_ephemeral_ports_busiest_destination_held").ShouldBe(2);
        page.Value("tcpstat_ephemeral_ports_busiest_destination_info", "source=10.0.0.1,destination=10.0.0.2:5432,unit=app.service").ShouldBe(1);
        page.Labels("tcpstat_listen_unread_connections").ShouldHaveSingleItem();
        page.Value("tcpstat_listen_unread_connections", page.Labels("tcpstat_listen_unread_connections").Single()).ShouldBe(8);
        page.Value("tcpstat_last_sweep_timestamp_seconds").ShouldBe(5.5);
        page.Value("tcpstat_source_info", "source=sweep,method=netlink").ShouldBe(1);

        sweep.Scarcest = default;
        store.Publish(sweep, statistics);
        RenderedPage.Of(store).Labels("tcpstat_ephemeral_ports_busiest_destination_info").ShouldBeEmpty("no connection went out");

        sweep.PortsLimit = -1;
        store.Publish(sweep, statistics);
        RenderedPage.Of(store).Names.ShouldNotContain(name => name.Contains("ephemeral", StringComparison.Ordinal));

        sweep.Status = ReadResult.Failed(SourceError.Timeout);
        store.Publish(sweep, statistics);
        page = RenderedPage.Of(store);
        page.Has("tcpstat_listen_connections").ShouldBeFalse();
        page.Has("tcpstat_last_sweep_timestamp_seconds").ShouldBeFalse();
        page.Value("tcpstat_source_up", "source=sweep").ShouldBe(0);
    }

    [Fact]
    public void Destinations_have_series_only_while_they_are_in_trouble()
    {
        var store = Sampled(FakeHost.Sources(listeners: 1));
        var sweep = new SweepSample { Status = ReadResult.Ok, TrafficTime = TimeSpan.FromSeconds(5) };
        Add("10.0.0.2:5432", 400_000, 100_000, 0.02);
        Add("192.0.2.1", 100_000, 16_384, double.NaN);
        Add("192.0.2.2", 100_000, 16_383, 0.02);
        Add("192.0.2.3", 400_000, 20_000, 0.02);
        var page = Page();
        page.Labels("tcpstat_destination_retransmitted_ratio").ShouldBe(["destination=10.0.0.2:5432", "destination=192.0.2.1"]);
        page.Value("tcpstat_destination_retransmitted_ratio", "destination=10.0.0.2:5432").ShouldBe(0.25);
        page.Labels("tcpstat_destination_round_trip_seconds").ShouldBe(["destination=10.0.0.2:5432"]);
        page.Value("tcpstat_destination_round_trip_seconds", "destination=10.0.0.2:5432").ShouldBe(0.02);

        sweep.Peers[0].Traffic = new Traffic(400_000, 100);
        Page().Labels("tcpstat_destination_retransmitted_ratio").ShouldBe(["destination=192.0.2.1"]);
        sweep.TrafficTime = TimeSpan.Zero;
        Page().Has("tcpstat_destination_retransmitted_ratio").ShouldBeFalse();

        void Add(string peer, ulong sent, ulong retransmitted, double roundTrip) =>
            sweep.Peers.Add(new PeerTraffic { Peer = new PeerName(peer), Traffic = new Traffic(sent, retransmitted), RoundTripSeconds = roundTrip });

        RenderedPage Page()
        {
            store.Publish(sweep, new SourceStatistics { Exists = true, Method = SourceMethod.Netlink });
            return RenderedPage.Of(store);
        }
    }

    [Fact]
    public void Waiting_connections_are_exported_by_owner_and_destination()
    {
        var (sampler, store) = FakeHost.Sampler(FakeHost.Sources(), _time);
        using (sampler)
        {
            for (var second = 0; second < 4; second++)
            {
                sampler.Sample();
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        var page = RenderedPage.Of(store);
        page.Value("tcpstat_syn_sent_seconds_total").ShouldBe(3 * 20);
        page.Labels("tcpstat_syn_sent_destination_connections").ShouldBe(Enumerable.Range(1, 5).Select(port => $"destination=10.0.0.9:{port},unit=unit1.service,local="));
        page.Value("tcpstat_syn_sent_destination_connections", "destination=10.0.0.9:1,unit=unit1.service,local=").ShouldBe(1);
        page.Labels("tcpstat_close_wait_held_connections").ShouldBe(Enumerable.Range(1, 10).Select(port => $"destination=10.0.0.8:{port},unit=unit1.service"));
        page.Value("tcpstat_close_wait_held_connections", "destination=10.0.0.8:1,unit=unit1.service").ShouldBe(3);
    }

    /// <summary>The same page object, as in the daemon: earlier output must not show.</summary>
    [Theory]
    [MemberData(nameof(FamiliesBySource))]
    public void A_source_that_fails_between_two_scrapes_removes_its_families_until_it_is_back(SourceId broken, string[] families)
    {
        var sources = FakeHost.Sources();
        var source = sources.Single(source => source.Id == broken);
        var read = source.OnRead;
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            var page = RenderedPage.Page(store);
            sampler.Sample();
            var before = RenderedPage.Of(page);

            source.OnRead = _ => ReadResult.Failed(SourceError.Io);
            sampler.Sample();
            var without = RenderedPage.Of(page);
            before.Names.Except(without.Names, StringComparer.Ordinal).ShouldNotBeEmpty();
            foreach (var family in families)
            {
                without.Names.Where(name => name == family || (family.EndsWith('*') && name.StartsWith(family[..^1], StringComparison.Ordinal))).ShouldBeEmpty();
            }

            source.OnRead = read;
            sampler.Sample();
            var after = RenderedPage.Of(page);
            after.Names.Order(StringComparer.Ordinal).ShouldBe(before.Names.Order(StringComparer.Ordinal));
            foreach (var name in before.Names)
            {
                after.Labels(name).Order(StringComparer.Ordinal).ShouldBe(before.Labels(name).Order(StringComparer.Ordinal), name);
            }
        }
    }

    [Fact]
    public void A_closed_listener_loses_its_series_and_gets_them_again_when_it_is_back()
    {
        var store = new SampleStore();
        var page = RenderedPage.Page(store);
        Publish(Row("a", 1, drops: 7), Row("b", 2, drops: 9));
        RenderedPage.Of(page).Labels("tcpstat_listen_drops_total").ShouldBe(["address=10.0.0.1,port=1,device=,unit=a", "address=10.0.0.1,port=2,device=,unit=b"]);

        Publish(Row("b", 2, drops: 10));
        var alone = RenderedPage.Of(page);
        alone.Text.ShouldNotContain("unit=\"a\"");
        alone.Value("tcpstat_listen_drops_total", "address=10.0.0.1,port=2,device=,unit=b").ShouldBe(10);

        // a name with the same labels but a different object: the exporter had forgotten it, and it starts again
        Publish(Row("a", 1, drops: 3), Row("b", 2, drops: 11));
        var back = RenderedPage.Of(page);
        back.Value("tcpstat_listen_drops_total", "address=10.0.0.1,port=1,device=,unit=a").ShouldBe(3);
        back.Value("tcpstat_listen_queue_fill_ratio_count", "address=10.0.0.1,port=1,device=,unit=a").ShouldBe(1);

        // one closes and the other opens within one interval
        Publish(Row("a", 1, drops: 4), Row("b", 2, drops: 12));
        var other = RenderedPage.Of(page);
        other.Value("tcpstat_listen_drops_total", "address=10.0.0.1,port=1,device=,unit=a").ShouldBe(4);
        other.Labels("tcpstat_listen_sockets").Length.ShouldBe(2);

        void Publish(params ListenerSample[] rows)
        {
            var sample = new NamespaceSample();
            sample.Kernel[SourceId.Listeners] = ReadResult.Ok;
            foreach (var row in rows)
            {
                sample.Listeners.Add(row);
            }

            store.Publish(sample, goodTimestamp: 0);
        }

        static ListenerSample Row(string unit, ushort port, ulong drops)
        {
            var row = new ListenerSample { Identity = new ListenerIdentity(Listeners.Ip("10.0.0.1"), port, unit), Sockets = 1, HasDrops = true, HasLimit = true, Drops = drops };
            row.FillRatios.Observe(ListenerSample.FillRatioBounds, 0.5);
            return row;
        }
    }

    [Fact]
    public void A_kernel_counter_never_decreases()
    {
        var sources = FakeHost.Sources();
        var netstat = sources.Single(source => source.Id == SourceId.Netstat);
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            var page = RenderedPage.Page(store);
            foreach (var (kernel, served) in new[] { (5UL, 5), (3UL, 5), (6UL, 6) })
            {
                netstat.OnRead = snapshot =>
                {
                    snapshot.Netstat.SetNames(["ListenDrops"]);
                    snapshot.Netstat.Values[0] = kernel;
                    return ReadResult.Ok;
                };
                sampler.Sample();
                RenderedPage.Of(page).Value("tcpstat_tcpext_listen_drops_total").ShouldBe(served);
            }
        }
    }

    /// <summary>
    /// Each bucket gets the mean of its observations since the last scrape. A mean can be slightly outside its bucket, but
    /// only by rounding.
    /// </summary>
    [Fact]
    public void A_histogram_has_all_observations_whenever_it_is_scraped() =>
        Prop.ForAll(Gen.Elements(0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9, 0.91, 1, 1.0078125, 2).ArrayOf().ArrayOf().ToArbitrary(), scrapes =>
        {
            var store = new SampleStore();
            var page = RenderedPage.Page(store);
            var identity = new ListenerIdentity(Listeners.Ip("10.0.0.1"), 1, "a");
            var all = new List<double>();
            var observed = default(TcpStatExporter.Sampling.Histogram);
            foreach (var values in scrapes)
            {
                foreach (var value in values)
                {
                    observed.Observe(ListenerSample.FillRatioBounds, value);
                    all.Add(value);
                }

                var sample = new NamespaceSample();
                sample.Kernel[SourceId.Listeners] = ReadResult.Ok;
                sample.Listeners.Add(new ListenerSample { Identity = identity, HasLimit = true, FillRatios = observed });
                store.Publish(sample, goodTimestamp: 0);
                var served = RenderedPage.Of(page);
                foreach (var bound in ListenerSample.FillRatioBounds)
                {
                    served.Value("tcpstat_listen_queue_fill_ratio_bucket", FormattableString.Invariant($"address=10.0.0.1,port=1,device=,unit=a,le={bound}"))
                        .ShouldBe(all.Count(value => value <= bound));
                }

                served.Value("tcpstat_listen_queue_fill_ratio_count", "address=10.0.0.1,port=1,device=,unit=a").ShouldBe(all.Count);
                served.Value("tcpstat_listen_queue_fill_ratio_sum", "address=10.0.0.1,port=1,device=,unit=a").ShouldBe(all.Sum(), 1e-9);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    /// <summary>Concurrent scrapes get complete pages: one fills while the other waits.</summary>
    [Fact]
    public async Task Concurrent_scrapes_get_complete_pages()
    {
        var page = RenderedPage.Page(Sampled(FakeHost.Sources(listeners: 20)));
        var pages = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            Enumerable.Range(0, 20).Select(_ => RenderedPage.Of(page, i % 2 == 0 ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText).Labels("tcpstat_listen_sockets").Length).ToArray())));
        pages.ShouldAllBe(counts => counts.All(count => count == 20));
    }

    [Fact]
    public void A_label_of_the_whole_page_is_on_every_series()
    {
        var text = RenderedPage.Of(new MetricsPage(Sampled(FakeHost.Sources(listeners: 1)), new AdviceStore(), process: null, allCounters: false, netns: "blue \"x\"")).Text;
        text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').ShouldAllBe(line => line.Contains("netns=\"blue \\\"x\\\"\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Label_values_are_escaped_and_read_back()
    {
        const string Unit = "C:\\\"x\"\n,{}=é€😀";
        var sample = new NamespaceSample();
        sample.Kernel[SourceId.Listeners] = ReadResult.Ok;
        sample.Listeners.Add(new ListenerSample { Identity = new ListenerIdentity(Listeners.Ip("::"), 443, Unit) });
        var store = new SampleStore();
        store.Publish(sample, goodTimestamp: 0);
        RenderedPage.Of(store).Labels("tcpstat_listen_sockets").ShouldBe([$"address=::,port=443,device=,unit={Unit}"]);
        RenderedPage.Of(store, ExpositionFormat.OpenMetrics).Labels("tcpstat_listen_sockets").ShouldBe([$"address=::,port=443,device=,unit={Unit}"]);
    }

    private SampleStore Sampled(IEnumerable<ISource> sources)
    {
        var (sampler, store) = FakeHost.Sampler(sources, _time);
        using (sampler)
        {
            sampler.Sample();
        }

        return store;
    }

    [Fact]
    public void Series_of_another_namespace_have_its_name_and_the_hosts_own_have_none()
    {
        var page = new MetricsPage(
            [new PublishedNamespace("", Sampled(FakeHost.Sources(listeners: 2)), new AdviceStore()), new PublishedNamespace("blue", Sampled(FakeHost.Sources(listeners: 3)), new AdviceStore())],
            process: null,
            allCounters: false);
        var read = RenderedPage.Of(page);
        read.Labels("tcpstat_listen_sockets").Count(labels => labels.StartsWith("netns=blue,address=", StringComparison.Ordinal)).ShouldBe(3);
        read.Labels("tcpstat_listen_sockets").Count(labels => labels.StartsWith("address=", StringComparison.Ordinal)).ShouldBe(2);
        read.Labels("tcpstat_sockets_time_wait").ShouldBe(["", "netns=blue"], ignoreOrder: true);
        read.Labels("tcpstat_source_up").Count(labels => labels.StartsWith("netns=blue,", StringComparison.Ordinal)).ShouldBeGreaterThan(3);

        // values that the host's namespaces share, and values about the exporter
        foreach (var shared in new[] { "tcpstat_sockets_orphaned", "tcpstat_memory_bytes", "tcpstat_samples_total", "tcpstat_sample_duration_seconds_count" })
        {
            read.Has(shared).ShouldBeTrue(shared);
            read.Labels(shared).ShouldNotContain(labels => labels.Contains("netns", StringComparison.Ordinal), shared);
        }
    }
}
