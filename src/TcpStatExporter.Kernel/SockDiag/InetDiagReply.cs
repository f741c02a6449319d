using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// The reply to a dump of TCP sockets, as net/ipv4/inet_diag.c writes it: datagrams with netlink messages. Each message is
/// one <c>inet_diag_msg</c> with attributes. NLMSG_DONE comes at the end.
/// </summary>
/// <remarks>
/// Contents of a row by kind of socket: a full socket (inet_sk_diag_fill()) has everything. A minisocket
/// (inet_twsk_diag_fill()) has timer 3, no inode and no attributes. A request socket (inet_req_diag_fill()) has state
/// SYN_RECV, no inode and at most INET_DIAG_MARK. By version: INET_DIAG_SHUTDOWN on each full socket since 3.7, the ninth
/// word of INET_DIAG_SKMEMINFO (drops) since 4.7, INET_DIAG_CGROUP_ID since 5.7, and INET_DIAG_SKV6ONLY for IPv6 listeners
/// since 4.4, without being requested. For every kind, idiag_if is what the socket is bound to (sk_bound_dev_if). If the
/// state of a socket changes after it was selected and before it is written, the new state is reported, even if it was not
/// requested.
/// </remarks>
public static class InetDiagReply
{
    internal const int AttributeInfo = 2;
    internal const int AttributeSkMemInfo = 7;
    internal const int AttributeShutdown = 8;
    internal const int AttributeV6Only = 11;
    internal const int AttributeCgroupId = 21;

    // SK_MEMINFO_DROPS, include/uapi/linux/sock_diag.h
    internal const int MemInfoDrops = 8;

    // SK_MEMINFO_RMEM_ALLOC
    internal const int MemInfoReceiveMemory = 0;

    // SK_MEMINFO_RCVBUF
    internal const int MemInfoReceiveBuffer = 1;

    // offsets in struct tcp_info, include/uapi/linux/tcp.h: eight single bytes, then words; the struct only ever grows at its end
    internal const int InfoSendMss = 16;
    internal const int InfoLastDataSent = 44;
    internal const int InfoLastDataReceived = 52;
    internal const int InfoLastAckReceived = 56;
    internal const int InfoRoundTrip = 68;
    internal const int InfoTotalRetransmitted = 100;

    // since 4.1
    internal const int InfoBytesAcked = 120;

    // since 4.19
    internal const int InfoBytesSent = 200;
    internal const int InfoBytesRetransmitted = 208;

    /// <summary>Passes each socket in a datagram to <paramref name="visitor"/>.</summary>
    /// <param name="datagram">The bytes of one receive. They start with a message.</param>
    /// <param name="sequence">
    /// Sequence number of the request. Messages with another number answer an earlier request and are skipped.
    /// </param>
    /// <param name="portId">Port of the receiving socket. Messages for another one are skipped.</param>
    /// <param name="visitor">Receives the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    public static ReplyResult Parse<TVisitor>(ReadOnlySpan<byte> datagram, uint sequence, uint portId, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var taker = new Taker<TVisitor>(ref visitor);
        return NetlinkReply.Parse(datagram, sequence, portId, ref taker);
    }

    private static ReplyFault ParseSocket(ReadOnlySpan<byte> body, out TcpSocket socket)
    {
        socket = default;
        if (body.Length < InetDiagMsg.Size)
        {
            return ReplyFault.BodyCut;
        }

        ref readonly var row = ref MemoryMarshal.AsRef<InetDiagMsg>(body);
        var family = (IpFamily)row.Family;
        socket.LocalAddress = ReadAddress(family, in row.Id.Source);
        socket.RemoteAddress = ReadAddress(family, in row.Id.Destination);
        socket.LocalPort = FromNetworkOrder(row.Id.SourcePort);
        socket.RemotePort = FromNetworkOrder(row.Id.DestinationPort);
        socket.Cookie = row.Id.CookieLow | ((ulong)row.Id.CookieHigh << 32);
        socket.Inode = row.Inode;
        socket.Interface = row.Id.Interface;
        socket.ReceiveQueue = row.ReceiveQueue;
        socket.SendQueue = row.SendQueue;
        socket.State = (TcpState)row.State;
        socket.Timer = row.Timer;
        socket.TimerMilliseconds = row.Expires;
        socket.Retransmits = row.Retransmits;

        var isFullSocket = false;
        for (var attributes = body[InetDiagMsg.Size..]; attributes.Length >= NlAttr.Size;)
        {
            var fault = NlAttr.Next(ref attributes, out var type, out var value);
            if (fault != ReplyFault.None)
            {
                return fault;
            }

            switch (type)
            {
                case AttributeSkMemInfo when value.Length >= (MemInfoDrops + 1) * sizeof(uint):
                    socket.Drops = MemoryMarshal.Read<uint>(value[(MemInfoDrops * sizeof(uint))..]);
                    socket.ReceiveMemory = MemoryMarshal.Read<uint>(value[(MemInfoReceiveMemory * sizeof(uint))..]);
                    socket.ReceiveLimit = MemoryMarshal.Read<uint>(value[(MemInfoReceiveBuffer * sizeof(uint))..]);
                    socket.HasDrops = true;
                    break;
                case AttributeInfo when value.Length >= InfoRoundTrip + sizeof(uint):
                    ReadInfo(value, ref socket);
                    break;
                case AttributeCgroupId when value.Length >= sizeof(ulong):
                    socket.CgroupId = MemoryMarshal.Read<ulong>(value);
                    break;
                case AttributeV6Only when value.Length >= 1:
                    socket.IsV6Only = value[0] != 0;
                    break;
                case AttributeShutdown:
                    isFullSocket = true;
                    break;
            }
        }

        // the kernel reports a request socket as SYN_RECV; only a full socket (Fast Open, simultaneous open) really is in
        // that state
        if (socket.State == TcpState.SynRecv && !isFullSocket)
        {
            socket.State = TcpState.NewSynRecv;
        }

        return ReplyFault.None;
    }

    /// <summary>
    /// Kernels before 4.19 count retransmitted segments, not bytes: each is taken as a full one. What they do not count as
    /// sent is taken from what the peer acknowledged.
    /// </summary>
    private static void ReadInfo(ReadOnlySpan<byte> info, ref TcpSocket socket)
    {
        socket.SinceDataSent = MemoryMarshal.Read<uint>(info[InfoLastDataSent..]);
        socket.SinceDataReceived = MemoryMarshal.Read<uint>(info[InfoLastDataReceived..]);
        socket.SinceAckReceived = MemoryMarshal.Read<uint>(info[InfoLastAckReceived..]);
        socket.RoundTripMicroseconds = MemoryMarshal.Read<uint>(info[InfoRoundTrip..]);
        socket.HasInfo = true;
        if (info.Length >= InfoBytesRetransmitted + sizeof(ulong))
        {
            socket.BytesSent = MemoryMarshal.Read<ulong>(info[InfoBytesSent..]);
            socket.BytesRetransmitted = MemoryMarshal.Read<ulong>(info[InfoBytesRetransmitted..]);
            socket.HasTraffic = true;
        }
        else if (info.Length >= InfoBytesAcked + sizeof(ulong))
        {
            socket.BytesRetransmitted = (ulong)MemoryMarshal.Read<uint>(info[InfoTotalRetransmitted..]) * MemoryMarshal.Read<uint>(info[InfoSendMss..]);
            socket.BytesSent = unchecked(MemoryMarshal.Read<ulong>(info[InfoBytesAcked..]) + socket.BytesRetransmitted);
            socket.HasTraffic = true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IpAddress ReadAddress(IpFamily family, ref readonly InetDiagSockId.Address address)
    {
        ReadOnlySpan<byte> bytes = address;
        return family switch
        {
            IpFamily.IPv4 => IpAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            IpFamily.IPv6 => IpAddress.FromIPv6(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..])),
            _ => default,
        };
    }

    private static ushort FromNetworkOrder(ushort value) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>Hands sockets to a visitor.</summary>
    internal readonly ref struct Taker<TVisitor>(ref TVisitor visitor) : IMessageTaker
        where TVisitor : struct, ITcpSocketVisitor
    {
        private readonly ref TVisitor _visitor = ref visitor;

        /// <inheritdoc/>
        public ReplyFault Take(ReadOnlySpan<byte> body, out bool goesOn)
        {
            var fault = ParseSocket(body, out var socket);
            goesOn = fault != ReplyFault.None || _visitor.Visit(in socket);
            return fault;
        }
    }
}
