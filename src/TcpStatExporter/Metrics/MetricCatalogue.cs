namespace TcpStatExporter.Metrics;

/// <summary>
/// Every family that the exporter can serve, once: the exposition, the documentation and the tests of rules and
/// dashboards all take names, types and help from here. The kernel's counters have a table of their own,
/// <see cref="Counters.KernelCounterCatalogue"/>; <see cref="KernelCounterFamily"/> makes families of it.
/// </summary>
internal static class MetricCatalogue
{
    private const string Listener = "address, port, device, unit";

    private static readonly List<CatalogueEntry> Entries = [];

    public static readonly MetricFamily Connections = Gauge(
        "tcpstat_connections", "sockets", "state",
        "Sockets in this state at the last sample, IPv4 and IPv6 together. Half-open connections (NEW_SYN_RECV) count as syn_recv. Where there are very many sockets some states are older: see tcpstat_states_age_seconds.");

    public static readonly MetricFamily ConnectionsPeak = Gauge(
        "tcpstat_connections_peak", "sockets", "state",
        "Largest sample of this state within the peak window (tcpstat_peak_window_seconds), the same for any number of scrapers.");

    public static readonly MetricFamily StatesAge = Gauge(
        "tcpstat_states_age_seconds", "sockets", "",
        "Age of the states at the last sample. 0 where each sample counts the sockets, which it does unless that would exceed --sample.cpu-budget. Where it is more, syn_recv, close_wait and the like are that old; listen, established + close_wait and time_wait + fin_wait2 are of the last sample all the same. A burst is counted within two seconds.");

    public static readonly MetricFamily CloseWaitUnaccepted = Gauge(
        "tcpstat_close_wait_unaccepted_connections", "sockets", "",
        "Connections in close_wait that no process has accepted: the client gave up while queued. Not a descriptor leak of the application.");

    public static readonly MetricFamily CloseWaitHeld = Gauge(
        "tcpstat_close_wait_held_connections", "sockets", "destination, unit",
        "Connections in close_wait that processes of this unit hold and have not closed: the ten units or destinations with most, of those that had some at every sample of the last three seconds. destination is the peer of connections that this host opened, empty for accepted ones.");

    public static readonly MetricFamily SynSentSeconds = Counter(
        "tcpstat_syn_sent_seconds_total", "sockets", "",
        "Connection-seconds spent in syn_sent, from the count of each sample. Its rate divided by that of tcpstat_tcp_active_opens_total is how long connect(2) waits for an answer, on average, also where the client gives up by its own timeout, which no kernel counter shows.");

    public static readonly MetricFamily SynSentDestination = Gauge(
        "tcpstat_syn_sent_destination_connections", "sockets", "destination, unit",
        "Connections in syn_sent by destination and owning unit: the five with most, of those that had some at every sample of the last three seconds. A healthy destination has some too where connects are many or the network is slow: judge by tcpstat_syn_sent_seconds_total.");

    public static readonly MetricFamily ListenSockets = Gauge(
        "tcpstat_listen_sockets", "listeners", Listener,
        "Listening sockets in this group: more than one where SO_REUSEPORT shares an address and port. unit is the systemd unit or the container that owns them; what a user's own systemd started has the user after it, as nginx.service (user 1000).");

    public static readonly MetricFamily ListenQueueLength = Gauge(
        "tcpstat_listen_queue_length", "listeners", Listener,
        "Connections completed and not accepted yet (Recv-Q of ss -ltn), summed over the group.");

    public static readonly MetricFamily ListenQueueLimit = Gauge(
        "tcpstat_listen_queue_limit", "listeners", Listener,
        "Limit of the accept queue, min(backlog, somaxconn) as fixed at listen(2) (Send-Q of ss -ltn), summed over the group. Full when the length is above it. Absent where only procfs can be read.");

    public static readonly MetricFamily ListenQueuePeak = Gauge(
        "tcpstat_listen_queue_peak", "listeners", Listener,
        "Largest tcpstat_listen_queue_length within the peak window.");

    public static readonly MetricFamily ListenQueueFillRatio = Histogram(
        "tcpstat_listen_queue_fill_ratio", "listeners", Listener,
        "Length / limit of the fullest socket in the group, one observation a sample. Above 1 the queue was full.");

    public static readonly MetricFamily ListenQueueFillRatioPeak = Gauge(
        "tcpstat_listen_queue_fill_ratio_peak", "listeners", Listener,
        "Largest length / limit of any socket in the group within the peak window: shows one stuck worker among idle ones.");

    public static readonly MetricFamily ListenDrops = Counter(
        "tcpstat_listen_drops_total", "listeners", Listener,
        "Packets that this listener discarded (sk_drops), from the exporter's first look on. Not loss: it also counts the bare ACKs of TCP_DEFER_ACCEPT, the RSTs of half-open health checks and what a socket filter refuses. For loss see tcpstat_listen_lost_total.");

    public static readonly MetricFamily ListenLost = Counter(
        "tcpstat_listen_lost_total", "listeners", Listener + ", reason",
        "Connection requests and completed handshakes lost at this listener: its share of TcpExtListenDrops (accept_queue: of TcpExtListenOverflows; syn_queue: SYN queue full with SYN cookies off). Counts packets, so a client that retries counts again.");

    public static readonly MetricFamily ListenLostUnattributed = Counter(
        "tcpstat_listen_lost_unattributed_total", "listeners", "reason",
        "Connection requests and handshakes that the kernel counted as lost and that no listener with series accounts for: the listener has no series, is gone already, or the evidence fits more than one.");

    public static readonly MetricFamily ListenOpened = Gauge(
        "tcpstat_listen_opened_timestamp_seconds", "listeners", Listener,
        "Unix time at which this listener was first seen listening since it was last away.");

    public static readonly MetricFamily ListenOpenings = Counter(
        "tcpstat_listen_openings_total", "listeners", Listener,
        "How often this listener was seen to start listening. A listener that was there before the exporter starts at 0.");

    public static readonly MetricFamily ListenClosed = Gauge(
        "tcpstat_listen_closed_timestamp_seconds", "listeners", Listener,
        "Unix time at which this listener was found to have stopped listening. Present for an hour, or until it listens again; only for listeners that had listened for a minute at a port outside the ephemeral range or reserved in it.");

    public static readonly MetricFamily ListenSynQueueLength = Gauge(
        "tcpstat_listen_syn_queue_length", "sockets", Listener,
        "Half-open connections (SYN_RECV) at this listener. With SYN cookies it stops at about the backlog, so it does not measure a flood.");

    public static readonly MetricFamily ListenSynQueuePeak = Gauge(
        "tcpstat_listen_syn_queue_peak", "sockets", Listener,
        "Largest tcpstat_listen_syn_queue_length within the peak window.");

    public static readonly MetricFamily ListenConnections = Gauge(
        "tcpstat_listen_connections", "sweep", Listener + ", state",
        "Connections whose local end is this listener, by state, as of the last sweep.");

    public static readonly MetricFamily ListenUnread = Gauge(
        "tcpstat_listen_unread_connections", "sweep", Listener,
        "Accepted connections of this listener whose receive queue held bytes at the last sweep and at the one before. Near 0 where the application reads; all of them where it accepts and never reads.");

    public static readonly MetricFamily SocketsInUse = Gauge(
        "tcpstat_sockets_in_use", "sockstat", "family",
        "TCP sockets in use in this network namespace, listeners included, TIME_WAIT and half-open connections not.");

    public static readonly MetricFamily SocketsAllocated = Gauge(
        "tcpstat_sockets_allocated", "sockstat", "",
        "TCP sockets allocated, in whatever state. Host-wide, whatever the namespace.");

    public static readonly MetricFamily SocketsOrphaned = Gauge(
        "tcpstat_sockets_orphaned", "sockstat", "",
        "TCP sockets that no process holds any more and that still have to finish. Host-wide, whatever the namespace.");

    public static readonly MetricFamily SocketsOrphanedLimit = Gauge(
        "tcpstat_sockets_orphaned_limit", "sysctl", "",
        "net.ipv4.tcp_max_orphans: above it orphans are reset at once (TcpExtTCPAbortOnMemory). Host-wide.");

    public static readonly MetricFamily SocketsTimeWait = Gauge(
        "tcpstat_sockets_time_wait", "sockstat", "",
        "Minisockets: TIME_WAIT and the FIN_WAIT2 of sockets already closed. This is what tcp_max_tw_buckets limits. Of this network namespace; before Linux 4.10 the kernel counts and limits them for the whole host.");

    public static readonly MetricFamily SocketsTimeWaitLimit = Gauge(
        "tcpstat_sockets_time_wait_limit", "sysctl", "",
        "net.ipv4.tcp_max_tw_buckets: above it sockets skip TIME_WAIT and close at once (TcpExtTCPTimeWaitOverflow). Of this network namespace; before Linux 4.10 host-wide.");

    public static readonly MetricFamily Memory = Gauge(
        "tcpstat_memory_bytes", "sockstat", "",
        "Memory of all TCP sockets' buffers. Host-wide, whatever the namespace.");

    public static readonly MetricFamily MemoryLimit = Gauge(
        "tcpstat_memory_limit_bytes", "sysctl", "level",
        "net.ipv4.tcp_mem in bytes: below low no pressure, above pressure the kernel shrinks buffers, above high it drops and aborts. Host-wide.");

    public static readonly MetricFamily SysctlValue = Gauge(
        "tcpstat_sysctl", "sysctl", "name, index",
        "Kernel parameter, in its own unit (tcp_mem: pages); index only where it has several values. ip_local_reserved_ports is the number of ports that it names.");

    public static readonly MetricFamily EphemeralPortsUsed = Gauge(
        "tcpstat_ephemeral_ports_used", "sweep", "family",
        "Distinct local ports inside ip_local_port_range in use by sockets that do not listen, as of the last sweep. IPv4 includes v4-mapped sockets.");

    public static readonly MetricFamily EphemeralPortsLimit = Gauge(
        "tcpstat_ephemeral_ports_limit", "sweep", "",
        "Ports that ip_local_port_range offers, reserved ports taken off. Each destination can use all of them.");

    public static readonly MetricFamily EphemeralPortsBusiest = Gauge(
        "tcpstat_ephemeral_ports_busiest_destination_used", "sweep", "",
        "Ephemeral ports taken by the one (source address, destination address, destination port) that has most, those in TIME_WAIT included.");

    public static readonly MetricFamily EphemeralPortsHeld = Gauge(
        "tcpstat_ephemeral_ports_busiest_destination_held", "sweep", "",
        "Most ephemeral ports that one destination keeps from connect(2): its ports less those in TIME_WAIT that tcp_tw_reuse lets connect(2) take over. This is what runs out, and connect(2) then fails with EADDRNOTAVAIL.");

    public static readonly MetricFamily EphemeralPortsDestination = Info(
        "tcpstat_ephemeral_ports_busiest_destination_info", "sweep", "source, destination, unit",
        "The destination that tcpstat_ephemeral_ports_busiest_destination_held speaks of, and the unit that holds most of its ports.");

    public static readonly MetricFamily LastSweep = Gauge(
        "tcpstat_last_sweep_timestamp_seconds", "sweep", "",
        "Unix time of the last look at every socket.");

    public static readonly MetricFamily Finding = Gauge(
        "tcpstat_finding", "advisor", "id, severity",
        "1 if the finding of this id (see tcpstat-exporter doctor) held at the last tick; 0 if it was checked and did not. Absent where it cannot be told. An id has one severity, whatever is found.");

    public static readonly MetricFamily Build = Info(
        "tcpstat_build_info", "exporter", "version, revision, runtime",
        "What this build of the exporter is.");

    public static readonly MetricFamily Samples = Counter(
        "tcpstat_samples_total", "exporter", "",
        "Samples taken.");

    public static readonly MetricFamily SamplesMissed = Counter(
        "tcpstat_samples_missed_total", "exporter", "",
        "Samples that did not run in time and were left out.");

    public static readonly MetricFamily LastSample = Gauge(
        "tcpstat_last_sample_timestamp_seconds", "exporter", "",
        "Unix time of the last sample.");

    public static readonly MetricFamily SampleDuration = Histogram(
        "tcpstat_sample_duration_seconds", "exporter", "source",
        "Time that reading a source took.");

    public static readonly MetricFamily SourceUp = Gauge(
        "tcpstat_source_up", "exporter", "source",
        "1 if the source could be read at the last sample; 0 if not, or if that sample is older than three intervals (and than 2 s). Its metrics are absent then.");

    public static readonly MetricFamily SourceErrors = Counter(
        "tcpstat_source_errors_total", "exporter", "source, reason",
        "Reads of a source that failed, or that met with trouble and brought what they could, by reason.");

    public static readonly MetricFamily Source = Info(
        "tcpstat_source_info", "exporter", "source, method",
        "How a source is read: procfs or netlink.");

    public static readonly MetricFamily ListenersNotExported = Gauge(
        "tcpstat_listeners_not_exported", "exporter", "",
        "Listeners that have no series because there are more than --listeners.max.");

    public static readonly MetricFamily PeakWindow = Gauge(
        "tcpstat_peak_window_seconds", "exporter", "",
        "Window of the peak metrics.");

    public static readonly MetricFamily LogLinesDropped = Counter(
        "tcpstat_log_lines_dropped_total", "exporter", "",
        "Log lines that were lost because standard error could not be written, or not fast enough.");

    public static readonly MetricFamily ProcessCpu = Counter(
        "process_cpu_seconds_total", "process", "",
        "User and system CPU time that the exporter has used.");

    public static readonly MetricFamily ProcessOpenFds = Gauge(
        "process_open_fds", "process", "", "Open file descriptors of the exporter.");

    public static readonly MetricFamily ProcessMaxFds = Gauge(
        "process_max_fds", "process", "", "Most file descriptors that the exporter may open.");

    public static readonly MetricFamily ProcessVirtualMemory = Gauge(
        "process_virtual_memory_bytes", "process", "", "Virtual memory of the exporter.");

    public static readonly MetricFamily ProcessResidentMemory = Gauge(
        "process_resident_memory_bytes", "process", "", "Resident memory of the exporter.");

    public static readonly MetricFamily ProcessStartTime = Gauge(
        "process_start_time_seconds", "process", "", "Unix time at which the exporter was started.");

    public static readonly MetricFamily ProcessThreads = Gauge(
        "process_threads", "process", "", "Threads of the exporter.");

    public static readonly MetricFamily GcCollections = Counter(
        "dotnet_gc_collections_total", "process", "generation",
        "Garbage collections of the exporter; one of a generation counts for the younger ones too.");

    public static readonly MetricFamily GcAllocated = Counter(
        "dotnet_gc_allocated_bytes_total", "process", "",
        "Bytes that the exporter has allocated on the managed heap.");

    public static readonly MetricFamily GcHeapSize = Gauge(
        "dotnet_gc_heap_size_bytes", "process", "", "Bytes on the exporter's managed heap.");

    /// <summary>Every family but the kernel's counters, in the order of the exposition.</summary>
    public static IReadOnlyList<CatalogueEntry> All => Entries;

    private static MetricFamily Gauge(string name, string source, string labels, string help) => Add(MetricType.Gauge, name, source, labels, help);

    private static MetricFamily Counter(string name, string source, string labels, string help) => Add(MetricType.Counter, name, source, labels, help);

    private static MetricFamily Histogram(string name, string source, string labels, string help) => Add(MetricType.Histogram, name, source, labels, help);

    private static MetricFamily Info(string name, string source, string labels, string help) => Add(MetricType.Info, name, source, labels, help);

    private static MetricFamily Add(MetricType type, string name, string source, string labels, string help)
    {
        var family = new MetricFamily(name, type, help, labels.Split(", ", StringSplitOptions.RemoveEmptyEntries));
        Entries.Add(new CatalogueEntry(family, source));
        return family;
    }
}
