namespace TcpStatExporter.Counters;

internal static partial class KernelCounterCatalogue
{
    /// <summary>snmp and snmp6 use the same names; snmp6 puts <c>Udp6</c> in front.</summary>
    private static KernelCounter[] CreateUdp(KernelCounterGroup group)
    {
        return
        [
            Other("InDatagrams", "datagrams that applications read, and those of tunnels. Counted when read, not on arrival."),
            Other("NoPorts", "datagrams to a port without a socket. The kernel answers with an ICMP error."),
            Curated("InErrors", "datagrams dropped on receipt: full receive buffer, no memory, bad checksum, refused by a socket filter or an IPsec policy. Includes RcvbufErrors, MemErrors and InCsumErrors."),
            Other("OutDatagrams", "datagrams sent."),
            Curated("RcvbufErrors", "datagrams dropped because the receive buffer (SO_RCVBUF) of their socket was full. tcpstat_udp_drops_total says which socket."),
            Curated("SndbufErrors", "datagrams not sent: the send buffer (SO_SNDBUF) of the socket was full, a queueing discipline dropped them, or no memory. Unless IP_RECVERR is set, send() does not report what a queueing discipline dropped."),
            Other("InCsumErrors", "datagrams dropped because of a bad UDP checksum. InErrors includes them."),
            Other("IgnoredMulti", "multicast and broadcast datagrams dropped because no socket here receives them."),
            Curated("MemErrors", "datagrams dropped because UDP had no memory left: net.ipv4.udp_mem (host-wide), or the limit of the cgroup. Absent on older kernels."),
        ];

        KernelCounter Curated(string name, string text) => Create(group, name, Of(text), isCurated: true);

        KernelCounter Other(string name, string text) => Create(group, name, Of(text));

        string Of(string text) => group == KernelCounterGroup.Udp6 ? $"IPv6 {text} Read every 5 seconds." : text;
    }
}
