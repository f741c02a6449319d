namespace TcpStatExporter.Counters;

internal static partial class KernelCounterCatalogue
{
    private static KernelCounter[] CreateTcp()
    {
        return
        [
            Parameter("RtoAlgorithm", "algorithm of the retransmission timeout, as RFC 2012 numbers them. Linux always prints 1 (other)."),
            Parameter("RtoMin", "smallest retransmission timeout, in milliseconds: the kernel's constant, whatever routes or sockets set."),
            Parameter("RtoMax", "largest retransmission timeout, in milliseconds: the kernel's constant, whatever sysctls or sockets set."),
            Parameter("MaxConn", "limit on connections. Linux always prints -1: none is fixed."),

            Curated("ActiveOpens", "outgoing connections begun: connect() sent a first SYN. Repeated SYNs do not count, and it says nothing of success."),
            Curated("PassiveOpens", "incoming connections made: the handshake was completed (or a Fast Open SYN accepted). Not the number of SYNs received."),
            Curated("AttemptFails", "attempts that failed: outgoing ones refused, timed out or unreachable, and half-open incoming ones ended by an RST or a bad SYN. Half-open ones that expire unanswered do not count, so a SYN flood barely moves it."),
            Curated("EstabResets", "connections that went from ESTABLISHED or CLOSE_WAIT straight to closed: reset by the peer, aborted here, or timed out. Not the number of RSTs received."),
            Gauge("CurrEstab", "connections in ESTABLISHED or CLOSE_WAIT at the moment: not in ESTABLISHED alone."),
            Curated("InSegs", "segments received, bad ones included. Those that GRO merged count as one."),
            Curated("OutSegs", "segments sent, pure ACKs and RSTs included; a TSO burst counts each. Retransmissions are left out (they are in RetransSegs), save SYN-ACKs, which are in both."),
            Curated("RetransSegs", "segments retransmitted: data, SYNs, SYN-ACKs and tail loss probes that repeat data. Counted on the attempt, so those of TCPRetransFail are included."),
            Curated("InErrs", "segments received in error: bad checksum (InCsumErrors is a part of it), bad header length, or a SYN on an established connection. Drops for want of memory or queue space are not here."),
            Curated("OutRsts", "RSTs sent: answers to segments that match no connection (a closed port, for one) and connections aborted here."),
            Curated("InCsumErrors", "segments dropped for a bad TCP checksum. InErrs counts them too."),
        ];

        static KernelCounter Curated(string name, string text) =>
            Create(KernelCounterGroup.Tcp, name, text, isCurated: true);

        static KernelCounter Gauge(string name, string text) =>
            Create(KernelCounterGroup.Tcp, name, text, isCurated: true, isGauge: true);

        static KernelCounter Parameter(string name, string text) =>
            Create(KernelCounterGroup.Tcp, name, text, isGauge: true);
    }
}
