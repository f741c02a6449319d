namespace TcpStatExporter.Metrics;

/// <summary>
/// All metric families that the exporter can serve. The metrics page, the documentation, and the tests of rules and
/// dashboards get names, types and HELP from here. Kernel counters have their own table, <see
/// cref="Counters.KernelCounterCatalogue"/>, and <see cref="KernelCounterFamily"/> converts it to families.
/// </summary>
internal static class MetricCatalogue
{
    private const string Listener = "address, port, device, unit";

    private const string UnixListener = "path, unit";

    private static readonly List<CatalogueEntry> Entries = [];

    public static readonly MetricFamily Connections = Gauge(
        "tcpstat_connections", "sockets", "state",
        "Sockets in this state at the last sample, IPv4 and IPv6 together. syn_recv includes half-open connections (NEW_SYN_RECV). With very many sockets, some states lag behind: see tcpstat_states_age_seconds.");

    public static readonly MetricFamily ConnectionsPeak = Gauge(
        "tcpstat_connections_peak", "sockets", "state",
        "Highest number of sockets in this state within the peak window (tcpstat_peak_window_seconds). All scrapers see the same value.");

    public static readonly MetricFamily StatesAge = Gauge(
        "tcpstat_states_age_seconds", "sockets", "",
        "Age of tcpstat_connections at the last sample. Normally 0: every sample counts the sockets. If that would exceed --sample.cpu-budget, syn_recv, close_wait and similar states are this old. listen, established + close_wait and time_wait + fin_wait2 are always current. A burst is counted within two seconds.");

    public static readonly MetricFamily CloseWaitUnaccepted = Gauge(
        "tcpstat_close_wait_unaccepted_connections", "sockets", "",
        "Connections in close_wait that no process has accepted: the client gave up while in the accept queue. Not a descriptor leak.");

    public static readonly MetricFamily CloseWaitHeld = Gauge(
        "tcpstat_close_wait_held_connections", "sockets", "destination, unit",
        "Connections in close_wait that processes of this unit have not closed. destination is the peer if this host opened the connections, and empty if it accepted them. Only the ten largest, and only if they had some at every sample of the last three seconds.");

    public static readonly MetricFamily SynSentSeconds = Counter(
        "tcpstat_syn_sent_seconds_total", "sockets", "",
        "Total time that connections spent in syn_sent, from the count at each sample. Its rate divided by the rate of tcpstat_tcp_active_opens_total is the average time that connect(2) waits for an answer. Includes connections that the client gives up by its own timeout, which no kernel counter shows.");

    public static readonly MetricFamily SynSentDestination = Gauge(
        "tcpstat_syn_sent_destination_connections", "sockets", "destination, unit, local",
        "Connections in syn_sent by destination and owning unit. local is true if the destination is on this host, otherwise empty. Only the five largest, and only if they had some at every sample of the last three seconds. A healthy destination also has some if the host connects often or the network is slow: check tcpstat_syn_sent_seconds_total.");

    public static readonly MetricFamily ListenSockets = Gauge(
        "tcpstat_listen_sockets", "listeners", Listener,
        "Listening sockets on this address and port: more than one if they share it with SO_REUSEPORT. unit is the systemd unit or container that owns them. For a user's own systemd, the user is added: nginx.service (user 1000).");

    public static readonly MetricFamily ListenQueueLength = Gauge(
        "tcpstat_listen_queue_length", "listeners", Listener,
        "Connections in the accept queue: handshake complete, not accepted yet (Recv-Q in ss -ltn). Sum over the sockets of the group.");

    public static readonly MetricFamily ListenQueueLimit = Gauge(
        "tcpstat_listen_queue_limit", "listeners", Listener,
        "Limit of the accept queue: min(backlog, somaxconn) at the time of listen(2) (Send-Q in ss -ltn). Sum over the sockets of the group. The queue is full if the length is above the limit. Absent if the exporter can only read procfs.");

    public static readonly MetricFamily ListenQueuePeak = Gauge(
        "tcpstat_listen_queue_peak", "listeners", Listener,
        "Highest tcpstat_listen_queue_length within the peak window.");

    public static readonly MetricFamily ListenQueueFillRatio = Histogram(
        "tcpstat_listen_queue_fill_ratio", "listeners", Listener,
        "Length / limit of the fullest socket in the group, one observation per sample. Above 1 the queue was full.");

    public static readonly MetricFamily ListenQueueFillRatioPeak = Gauge(
        "tcpstat_listen_queue_fill_ratio_peak", "listeners", Listener,
        "Highest length / limit of any socket in the group within the peak window. Shows one stuck worker among idle ones.");

    public static readonly MetricFamily ListenQueueOldest = Gauge(
        "tcpstat_listen_queue_oldest_seconds", "listeners", Listener,
        "How long the oldest connection in the accept queue has waited for accept(2). Read once a second while a queue is in use (tcpi_last_data_sent, accurate to a few milliseconds). 0 if the queue is empty. Absent if the exporter can only read procfs.");

    public static readonly MetricFamily ListenQueueOldestPeak = Gauge(
        "tcpstat_listen_queue_oldest_peak_seconds", "listeners", Listener,
        "Highest tcpstat_listen_queue_oldest_seconds within the peak window.");

    public static readonly MetricFamily ListenQueueWait = Histogram(
        "tcpstat_listen_queue_wait_seconds", "listeners", Listener,
        "Age of the oldest connection in the accept queue. One observation per read, 0 if the queue was empty. sum / count is close to the mean time that connections wait, and at most one service time below it. Absent until the queue is first seen in use.");

    public static readonly MetricFamily ListenQueueMemory = Gauge(
        "tcpstat_listen_queue_memory_bytes", "listeners", Listener,
        "Kernel memory used by data that clients already sent on connections that are not accepted yet (SK_MEMINFO_RMEM_ALLOC). Read every 10 seconds or more often while the queue is in use. Not charged to any cgroup until accept(2).");

    public static readonly MetricFamily ListenDrops = Counter(
        "tcpstat_listen_drops_total", "listeners", Listener,
        "Packets that this listener discarded (sk_drops) since the exporter first saw it. Not the same as loss: it also counts bare ACKs with TCP_DEFER_ACCEPT, RSTs of half-open health checks and packets that a socket filter refuses. For loss see tcpstat_listen_lost_total.");

    public static readonly MetricFamily ListenLost = Counter(
        "tcpstat_listen_lost_total", "listeners", Listener + ", reason",
        "Connection requests and completed handshakes lost at this listener: its share of TcpExtListenDrops. accept_queue: its share of TcpExtListenOverflows. syn_queue: SYN queue full with SYN cookies off. Counts packets, so a client that retries counts again.");

    public static readonly MetricFamily ListenLostUnattributed = Counter(
        "tcpstat_listen_lost_unattributed_total", "listeners", "reason",
        "Connection requests and handshakes that the kernel lost but that cannot be assigned to a listener: the listener has no series, is already gone, or more than one listener fits.");

    public static readonly MetricFamily ListenOpened = Gauge(
        "tcpstat_listen_opened_timestamp_seconds", "listeners", Listener,
        "Unix time at which this listener was first seen, or first seen again after it was gone.");

    public static readonly MetricFamily ListenOpenings = Counter(
        "tcpstat_listen_openings_total", "listeners", Listener,
        "Number of times this listener started to listen. Starts at 0 for a listener that was there before the exporter.");

    public static readonly MetricFamily ListenClosed = Gauge(
        "tcpstat_listen_closed_timestamp_seconds", "listeners", Listener,
        "Unix time at which this listener was found to have stopped. Present for an hour, or until it listens again. Only for listeners that listened for at least a minute, on a port outside the ephemeral range or reserved in it.");

    public static readonly MetricFamily ListenSynQueueLength = Gauge(
        "tcpstat_listen_syn_queue_length", "sockets", Listener,
        "Half-open connections (SYN_RECV) in the SYN queue of this listener. With SYN cookies it stops at about the backlog, so it does not measure a flood.");

    public static readonly MetricFamily ListenSynQueuePeak = Gauge(
        "tcpstat_listen_syn_queue_peak", "sockets", Listener,
        "Highest tcpstat_listen_syn_queue_length within the peak window.");

    public static readonly MetricFamily ListenConnections = Gauge(
        "tcpstat_listen_connections", "sweep", Listener + ", state",
        "Connections of this listener, by state, at the last sweep (full scan of all sockets).");

    public static readonly MetricFamily ListenUnread = Gauge(
        "tcpstat_listen_unread_connections", "sweep", Listener,
        "Accepted connections of this listener that had unread bytes at the last two sweeps. Near 0 if the application reads. All of its connections if it accepts but never reads.");

    public static readonly MetricFamily SocketsInUse = Gauge(
        "tcpstat_sockets_in_use", "sockstat", "family",
        "TCP sockets in use in this network namespace. Includes listeners, but not TIME_WAIT or half-open connections.");

    public static readonly MetricFamily SocketsAllocated = Gauge(
        "tcpstat_sockets_allocated", "sockstat", "",
        "TCP sockets allocated, in any state. Host-wide, for all network namespaces.");

    public static readonly MetricFamily SocketsOrphaned = Gauge(
        "tcpstat_sockets_orphaned", "sockstat", "",
        "Orphans: TCP sockets that their process has closed but that still have data or a FIN to send. Host-wide, for all network namespaces.");

    public static readonly MetricFamily SocketsOrphanedLimit = Gauge(
        "tcpstat_sockets_orphaned_limit", "sysctl", "",
        "net.ipv4.tcp_max_orphans: above it, the kernel resets orphans (TcpExtTCPAbortOnMemory). Host-wide.");

    public static readonly MetricFamily SocketsTimeWait = Gauge(
        "tcpstat_sockets_time_wait", "sockstat", "",
        "Sockets in TIME_WAIT, and in FIN_WAIT2 after close(2): those that tcp_max_tw_buckets limits. For this network namespace. Before Linux 4.10 the kernel counts and limits them host-wide.");

    public static readonly MetricFamily SocketsTimeWaitLimit = Gauge(
        "tcpstat_sockets_time_wait_limit", "sysctl", "",
        "net.ipv4.tcp_max_tw_buckets: above it, sockets skip TIME_WAIT and close at once (TcpExtTCPTimeWaitOverflow). For this network namespace. Host-wide before Linux 4.10.");

    public static readonly MetricFamily Memory = Gauge(
        "tcpstat_memory_bytes", "sockstat", "",
        "Memory used by the buffers of all TCP sockets. Host-wide, for all network namespaces.");

    public static readonly MetricFamily MemoryLimit = Gauge(
        "tcpstat_memory_limit_bytes", "sysctl", "level",
        "net.ipv4.tcp_mem in bytes. Below low there is no pressure. Above pressure the kernel shrinks buffers. Above high it drops data and aborts connections. Host-wide.");

    public static readonly MetricFamily SysctlValue = Gauge(
        "tcpstat_sysctl", "sysctl", "name, index",
        "Kernel parameter, in its own unit (tcp_mem: pages). index is only set if it has several values. For ip_local_reserved_ports, the number of reserved ports.");

    public static readonly MetricFamily EphemeralPortsUsed = Gauge(
        "tcpstat_ephemeral_ports_used", "sweep", "family",
        "Distinct local ports in ip_local_port_range that non-listening sockets use, at the last sweep. IPv4 includes v4-mapped sockets.");

    public static readonly MetricFamily EphemeralPortsLimit = Gauge(
        "tcpstat_ephemeral_ports_limit", "sweep", "",
        "Ports in ip_local_port_range, minus reserved ports. Each destination can use all of them.");

    public static readonly MetricFamily EphemeralPortsBusiest = Gauge(
        "tcpstat_ephemeral_ports_busiest_destination_used", "sweep", "",
        "Ephemeral ports used by the busiest (source address, destination address, destination port), including those in TIME_WAIT.");

    public static readonly MetricFamily EphemeralPortsHeld = Gauge(
        "tcpstat_ephemeral_ports_busiest_destination_held", "sweep", "",
        "Ephemeral ports of the busiest destination that connect(2) cannot use: its ports minus those in TIME_WAIT that tcp_tw_reuse lets connect(2) reuse. At the limit connect(2) fails with EADDRNOTAVAIL.");

    public static readonly MetricFamily EphemeralPortsDestination = Info(
        "tcpstat_ephemeral_ports_busiest_destination_info", "sweep", "source, destination, unit",
        "The destination of tcpstat_ephemeral_ports_busiest_destination_held, and the unit that holds most of its ports.");

    public static readonly MetricFamily DestinationRetransmitted = Gauge(
        "tcpstat_destination_retransmitted_ratio", "sweep", "destination",
        "Share of the bytes sent to this destination that were retransmissions (tcpi_bytes_retrans / tcpi_bytes_sent), between the last two sweeps. destination is address:port of a service that this host connects to, or the address of a client. At most 10 series, only while the share is above 5 % and at least 16 KiB were retransmitted. Counts only connections that were open at both sweeps, so short connections are missed. Includes unnecessary retransmissions. Before Linux 4.19: estimated from tcpi_total_retrans and the segment size.");

    public static readonly MetricFamily DestinationRoundTrip = Gauge(
        "tcpstat_destination_round_trip_seconds", "sweep", "destination",
        "Smoothed round-trip time (tcpi_rtt) to a destination of tcpstat_destination_retransmitted_ratio: the mean over its connections that sent data between the last two sweeps. Includes the time that the peer delays its acknowledgements.");

    public static readonly MetricFamily LastSweep = Gauge(
        "tcpstat_last_sweep_timestamp_seconds", "sweep", "",
        "Unix time of the last sweep (full scan of all sockets).");

    public static readonly MetricFamily ConntrackEntries = Gauge(
        "tcpstat_conntrack_entries", "conntrack", "",
        "Entries of this network namespace in the connection tracking table (net.netfilter.nf_conntrack_count): connections of any protocol. Closed connections count until they time out.");

    public static readonly MetricFamily ConntrackEntriesLimit = Gauge(
        "tcpstat_conntrack_entries_limit", "sysctl", "",
        "net.netfilter.nf_conntrack_max: with this many entries, a new connection evicts an entry or its packet is dropped. The value is host-wide, but each network namespace counts its own entries against it. 0 means no limit.");

    public static readonly MetricFamily ConntrackDrops = Counter(
        "tcpstat_conntrack_drops_total", "conntrack", "reason",
        "Losses of connection tracking (/proc/net/stat/nf_conntrack). drop: packets dropped because the table was full, memory was short, two entries clashed or the protocol was violated. early_drop: entries evicted from a full table. insert_failed: entries not inserted, mostly because two clashed. Clashes count as drop too, so do not add the reasons up. No TCP counter shows these losses.");

    public static readonly MetricFamily UdpDrops = Counter(
        "tcpstat_udp_drops_total", "udp", Listener,
        "Datagrams dropped at this bound UDP socket or SO_REUSEPORT group (sk_drops) since the exporter first saw it: full receive buffer, no UDP memory, bad checksum, or refused by a socket filter. Only the 32 that dropped most, then the fullest. Ports of ip_local_port_range have series only after a drop. Read every 5 seconds, less often if that would cost more than 0.5 % of a core.");

    public static readonly MetricFamily UdpQueue = Gauge(
        "tcpstat_udp_queue_bytes", "udp", Listener,
        "Bytes of memory that unread datagrams use (Recv-Q of ss -lun), summed over the group. Includes the kernel's overhead, several hundred bytes for each datagram.");

    public static readonly MetricFamily UdpQueueLimit = Gauge(
        "tcpstat_udp_queue_limit_bytes", "udp", Listener,
        "Limit of tcpstat_udp_queue_bytes: SO_RCVBUF of the socket (the kernel doubles what an application sets), summed over the group. Absent if sockets are read from procfs, which does not print it.");

    public static readonly MetricFamily UdpSocketDrops = Counter(
        "tcpstat_udp_socket_drops_total", "udp", "",
        "Datagrams dropped at all bound UDP sockets of this network namespace since the exporter started, including those without series of their own.");

    public static readonly MetricFamily UnixQueue = Gauge(
        "tcpstat_unix_listen_queue_length", "unix", UnixListener,
        "Connections waiting in the accept queue of an AF_UNIX stream or seqpacket listener (Recv-Q of ss -lx), summed over the sockets of one path. Abstract names begin with @. Hashes in a path, and numbers in one below /tmp, are written as *. Sockets without a name, or with one that the kernel chose, are left out. unit is empty unless the exporter may read /proc/PID/fd of other users. Read at every sample, less often if that would cost more than 0.5 % of a core.");

    public static readonly MetricFamily UnixQueueLimit = Gauge(
        "tcpstat_unix_listen_queue_limit", "unix", UnixListener,
        "Limit of tcpstat_unix_listen_queue_length (Send-Q of ss -lx): min(backlog, net.core.somaxconn) at listen(2), summed over the sockets of one path. The queue is full when its length is above the limit. Then connect(2) fails with EAGAIN if the client does not block, otherwise it waits. The kernel counts neither.");

    public static readonly MetricFamily UnixQueuePeak = Gauge(
        "tcpstat_unix_listen_queue_peak", "unix", UnixListener,
        "Largest tcpstat_unix_listen_queue_length within the peak window (tcpstat_peak_window_seconds).");

    public static readonly MetricFamily UnixFillRatioPeak = Gauge(
        "tcpstat_unix_listen_queue_fill_ratio_peak", "unix", UnixListener,
        "Largest length / limit of one socket of this path within the peak window. Above 1 the queue was full. With a limit of 0, 2 for each waiting connection.");

    public static readonly MetricFamily UnixListenersNotExported = Gauge(
        "tcpstat_unix_listeners_not_exported", "unix", "",
        "Named AF_UNIX listeners without series of their own: more paths than --unix-listeners.max. A queue that is more than half full takes the place of an emptier one.");

    public static readonly MetricFamily SoftnetDropped = Counter(
        "tcpstat_softnet_dropped_total", "softnet", "",
        "Received packets of any protocol dropped because the backlog of a CPU was full (net.core.netdev_max_backlog), summed over CPUs (/proc/net/softnet_stat, second column). Packets from loopback, veth and RPS go through this backlog. Drops of a network card are not included: see ethtool -S. Host-wide, read every 10 seconds.");

    public static readonly MetricFamily SoftnetSqueezed = Counter(
        "tcpstat_softnet_squeezed_total", "softnet", "",
        "Times that a CPU left received packets for later because its budget was used up (net.core.netdev_budget, netdev_budget_usecs), summed over CPUs (/proc/net/softnet_stat, third column). A delay, not a loss. Host-wide, read every 10 seconds.");

    public static readonly MetricFamily Finding = Gauge(
        "tcpstat_finding", "advisor", "id, severity",
        "1 if this finding (see tcpstat-exporter doctor) was true at the last tick, 0 if it was checked and false. Absent if it could not be checked. An id always has the same severity.");

    public static readonly MetricFamily NetnsSeen = Gauge(
        "tcpstat_netns_seen", "namespaces", "",
        "Other network namespaces on this host (pods, containers, units) that contain processes. Absent with --netns=off, and with --netns=auto until a container is found.");

    public static readonly MetricFamily NetnsSampled = Gauge(
        "tcpstat_netns_sampled", "namespaces", "",
        "Other network namespaces whose counters are read every --netns.interval. Less than tcpstat_netns_seen if some are excluded by name, or if the limit of open files is too low.");

    public static readonly MetricFamily NetnsTier = Gauge(
        "tcpstat_netns_tier", "namespaces", "tier",
        "How much is read of other network namespaces: 1 for the tier in use, 0 for the other. counters: only their counters. listeners: also the listeners of at least one of them, through the opener.");

    public static readonly MetricFamily NetnsListenersSampled = Gauge(
        "tcpstat_netns_listeners_sampled", "namespaces", "",
        "Other network namespaces whose listeners are read every second. Less than tcpstat_netns_sampled if the opener does not answer, or cannot open some of them. Absent with --netns=counters.");

    public static readonly MetricFamily NetnsListenSockets = Gauge(
        "tcpstat_netns_listen_sockets", "namespaces", "",
        "Listening sockets in the other network namespaces whose listeners are read.");

    public static readonly MetricFamily NetnsFillRatioPeak = Gauge(
        "tcpstat_netns_listen_queue_fill_ratio_peak", "namespaces", "",
        "Length ÷ limit of the fullest accept queue in all other network namespaces: the maximum in the last minute (--peak.window). Above 1, a queue was full. Absent if no listener is read.");

    public static readonly MetricFamily NetnsUnnamed = Gauge(
        "tcpstat_netns_unnamed", "namespaces", "",
        "Sampled network namespaces without a name of their own. Their counters are summed under the name other.");

    public static readonly MetricFamily NetnsInTrouble = Gauge(
        "tcpstat_netns_in_trouble", "namespaces", "",
        "Names (pods, containers, units) that lost connections or data, had a full accept queue, or retransmitted more than 5 % of their segments, between the last two samples, or did not close connections (CLOSE_WAIT) or got no answer to connects (SYN_SENT) at the last scan of their sockets.");

    public static readonly MetricFamily NetnsNotExported = Gauge(
        "tcpstat_netns_not_exported", "namespaces", "",
        "Names that were in trouble but have no series of their own, because there are more of them than --netns.max.");

    public static readonly MetricFamily NetnsConnections = Gauge(
        "tcpstat_netns_connections", "namespaces", "",
        "Connections in ESTABLISHED or CLOSE_WAIT in all other network namespaces (CurrEstab).");

    public static readonly MetricFamily NetnsTimeWait = Gauge(
        "tcpstat_netns_time_wait", "namespaces", "",
        "Connections in TIME_WAIT in all other network namespaces, including those in FIN_WAIT2 that no process holds (tw of /proc/net/sockstat).");

    public static readonly MetricFamily NetnsListenDrops = Counter(
        "tcpstat_netns_listen_drops_total", "namespaces", "",
        "ListenDrops of all other network namespaces, each since the exporter first saw it: connection requests and handshakes that listeners lost. Includes overflows. Counts packets, so a client that retries counts again.");

    public static readonly MetricFamily NetnsListenOverflows = Counter(
        "tcpstat_netns_listen_overflows_total", "namespaces", "",
        "ListenOverflows of all other network namespaces, each since the exporter first saw it: losses because an accept queue was full.");

    public static readonly MetricFamily NetnsRetransmitted = Counter(
        "tcpstat_netns_retransmitted_segments_total", "namespaces", "",
        "RetransSegs of all other network namespaces, each since the exporter first saw it: retransmitted segments.");

    public static readonly MetricFamily NetnsSent = Counter(
        "tcpstat_netns_sent_segments_total", "namespaces", "",
        "OutSegs of all other network namespaces, each since the exporter first saw it: sent segments. Does not include retransmissions.");

    public static readonly MetricFamily NetnsLastSample = Gauge(
        "tcpstat_netns_last_sample_timestamp_seconds", "namespaces", "",
        "Unix time at which the exporter last read the other network namespaces.");

    public static readonly MetricFamily NetnsInfo = Info(
        "tcpstat_netns_info", "namespaces", "kind, kubernetes_namespace, kubernetes_pod, workload, container",
        "What a network namespace with its own series belongs to. The label netns is its name: join on it. kind: pod, container, unit, named (in /run/netns) or other. workload is guessed from the pod's name. Always 1.");

    public static readonly MetricFamily Build = Info(
        "tcpstat_build_info", "exporter", "version, revision, runtime",
        "Version, revision and runtime of the exporter. Always 1.");

    public static readonly MetricFamily Samples = Counter(
        "tcpstat_samples_total", "exporter", "",
        "Samples taken.");

    public static readonly MetricFamily SamplesMissed = Counter(
        "tcpstat_samples_missed_total", "exporter", "",
        "Samples that were skipped because they could not run in time.");

    public static readonly MetricFamily LastSample = Gauge(
        "tcpstat_last_sample_timestamp_seconds", "exporter", "",
        "Unix time of the last sample.");

    public static readonly MetricFamily SampleDuration = Histogram(
        "tcpstat_sample_duration_seconds", "exporter", "source",
        "Time taken to read a source.");

    public static readonly MetricFamily SourceUp = Gauge(
        "tcpstat_source_up", "exporter", "source",
        "1 if the source could be read at the last sample. 0 if not, or if that sample is older than three intervals (and older than 2 s): then its metrics are absent.");

    public static readonly MetricFamily SourceErrors = Counter(
        "tcpstat_source_errors_total", "exporter", "source, reason",
        "Reads of a source that failed completely or in part, by reason.");

    public static readonly MetricFamily Source = Info(
        "tcpstat_source_info", "exporter", "source, method",
        "How a source is read: procfs or netlink.");

    public static readonly MetricFamily ListenersNotExported = Gauge(
        "tcpstat_listeners_not_exported", "exporter", "",
        "Listeners without their own series because there are more than --listeners.max.");

    public static readonly MetricFamily PeakWindow = Gauge(
        "tcpstat_peak_window_seconds", "exporter", "",
        "Window of the peak metrics.");

    public static readonly MetricFamily LogLinesDropped = Counter(
        "tcpstat_log_lines_dropped_total", "exporter", "",
        "Log lines lost because stderr could not be written, or not fast enough.");

    public static readonly MetricFamily ProcessCpu = Counter(
        "process_cpu_seconds_total", "process", "",
        "User and system CPU time used by the exporter.");

    public static readonly MetricFamily ProcessOpenFds = Gauge(
        "process_open_fds", "process", "", "Open file descriptors of the exporter.");

    public static readonly MetricFamily ProcessMaxFds = Gauge(
        "process_max_fds", "process", "", "Maximum number of file descriptors that the exporter may open.");

    public static readonly MetricFamily ProcessVirtualMemory = Gauge(
        "process_virtual_memory_bytes", "process", "", "Virtual memory of the exporter.");

    public static readonly MetricFamily ProcessResidentMemory = Gauge(
        "process_resident_memory_bytes", "process", "", "Resident memory of the exporter.");

    public static readonly MetricFamily ProcessStartTime = Gauge(
        "process_start_time_seconds", "process", "", "Unix time at which the exporter started.");

    public static readonly MetricFamily ProcessThreads = Gauge(
        "process_threads", "process", "", "Threads of the exporter.");

    public static readonly MetricFamily GcCollections = Counter(
        "dotnet_gc_collections_total", "process", "generation",
        "Garbage collections of the exporter. A collection of one generation also counts for the younger ones.");

    public static readonly MetricFamily GcAllocated = Counter(
        "dotnet_gc_allocated_bytes_total", "process", "",
        "Bytes allocated by the exporter on the managed heap.");

    public static readonly MetricFamily GcHeapSize = Gauge(
        "dotnet_gc_heap_size_bytes", "process", "", "Bytes on the exporter's managed heap.");

    /// <summary>Every family except the kernel's counters, in the order of the metrics page.</summary>
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
