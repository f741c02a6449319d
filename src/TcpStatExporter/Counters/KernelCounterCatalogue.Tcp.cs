namespace TcpStatExporter.Counters;

internal static partial class KernelCounterCatalogue
{
    private static KernelCounter[] CreateTcp()
    {
        return
        [
            Parameter("RtoAlgorithm", "algorithm of the retransmission timeout, numbered as in RFC 2012. Linux always prints 1 (other)."),
            Parameter("RtoMin", "minimum retransmission timeout in ms. The kernel's constant: ignores what routes or sockets set."),
            Parameter("RtoMax", "maximum retransmission timeout in ms. The kernel's constant: ignores what sysctls or sockets set."),
            Parameter("MaxConn", "limit on connections. Linux always prints -1: no fixed limit."),

            Curated("ActiveOpens", "outgoing connections started: connect() sent a first SYN. Does not count repeated SYNs, and does not mean that the connection succeeded."),
            Curated("PassiveOpens", "incoming connections established: the handshake completed (or a Fast Open SYN was accepted). Not the number of SYNs received."),
            Curated("AttemptFails", "failed connection attempts: outgoing ones that were refused, timed out or unreachable, and half-open incoming ones ended by an RST or a bad SYN. Does not count half-open ones that expire without an answer, so a SYN flood barely moves it."),
            Curated("EstabResets", "connections that went from ESTABLISHED or CLOSE_WAIT straight to closed: reset by the peer, aborted by this host, or timed out. Not the number of RSTs received."),
            Gauge("CurrEstab", "connections in ESTABLISHED or CLOSE_WAIT now. Not only those in ESTABLISHED."),
            Curated("InSegs", "segments received, including bad ones. Segments merged by GRO count as one."),
            Curated("OutSegs", "segments sent, including pure ACKs and RSTs. Each segment of a TSO burst counts. Does not count retransmissions (see RetransSegs), except SYN-ACKs, which count in both."),
            Curated("RetransSegs", "segments retransmitted: data, SYNs, SYN-ACKs and tail loss probes that repeat data. Counts attempts, so it includes TCPRetransFail."),
            Curated("InErrs", "bad segments received: bad checksum (includes InCsumErrors), bad header length, or a SYN on an established connection. Does not count drops caused by full memory or queues."),
            Curated("OutRsts", "RSTs sent: answers to segments that match no connection (for example to a closed port), and connections that this host aborted."),
            Curated("InCsumErrors", "segments dropped because of a bad TCP checksum. InErrs includes them."),
        ];

        static KernelCounter Curated(string name, string text) =>
            Create(KernelCounterGroup.Tcp, name, text, isCurated: true);

        static KernelCounter Gauge(string name, string text) =>
            Create(KernelCounterGroup.Tcp, name, text, isCurated: true, isGauge: true);

        static KernelCounter Parameter(string name, string text) =>
            Create(KernelCounterGroup.Tcp, name, text, isGauge: true);
    }
}
