using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// A request for a dump of TCP sockets in the legacy form, TCPDIAG_GETSOCK. net/ipv4/inet_diag.c, inet_diag_dump_compat(),
/// converts it to AF_UNSPEC, and so returns IPv4 and IPv6 in one walk over the kernel's table. The v2 form
/// (SOCK_DIAG_BY_FAMILY) needs one walk per family. The same code fills the rows of both forms, so the attributes are the
/// same: INET_DIAG_SKMEMINFO if requested, INET_DIAG_CGROUP_ID always (Linux 5.7).
/// </summary>
/// <param name="States">States to report.</param>
/// <param name="WithMemory">Request INET_DIAG_SKMEMINFO, which contains a socket's drops. 40 more bytes per socket.</param>
/// <param name="Udp">Request UDP sockets of this family instead, in the v2 form, the only one that net/ipv4/udp_diag.c has.</param>
/// <param name="WithInfo">Request INET_DIAG_INFO, struct tcp_info. About 250 more bytes per full socket. The kernel locks each socket for it.</param>
public readonly record struct InetDiagRequest(TcpStateSet States, bool WithMemory, IpFamily Udp = default, bool WithInfo = false)
{
    // IPPROTO_UDP
    private const byte ProtocolUdp = 17;

    /// <summary>Size of a request in bytes. A v2 request is shorter, and the kernel ignores what follows it.</summary>
    public const int Size = NlMsgHdr.Size + InetDiagReq.Size;

    /// <summary>
    /// TCPDIAG_GETSOCK, include/uapi/linux/inet_diag.h: the type of the request and of each socket in the reply.
    /// </summary>
    internal const ushort Type = 18;

    // ext has a bit for each attribute number, from 1: INET_DIAG_SKMEMINFO is 7
    private const byte MemoryExtension = 1 << (InetDiagReply.AttributeSkMemInfo - 1);
    private const byte InfoExtension = 1 << (InetDiagReply.AttributeInfo - 1);

    /// <summary>The listening sockets, with their drops.</summary>
    public static InetDiagRequest Listeners => new(TcpStateSet.Listen, WithMemory: true);

    /// <summary>All states except the two common ones: the cheap count in each tick.</summary>
    public static InetDiagRequest Filtered => new(TcpStateSet.AllButCommon, WithMemory: false);

    /// <summary>All states except LISTEN. To be read in parts, as a random sample of the kernel's table.</summary>
    public static InetDiagRequest Connections => new(TcpStateSet.All & ~TcpStateSet.Listen, WithMemory: false);

    /// <summary>Connections that may be in an accept queue, with their memory.</summary>
    public static InetDiagRequest Queued => new(TcpStateSet.Established | TcpStateSet.CloseWait, WithMemory: true);

    /// <summary>Every socket.</summary>
    public static InetDiagRequest Full => new(TcpStateSet.All, WithMemory: false);

    /// <summary>Every socket, with what it sent, lost and how long it was idle.</summary>
    public static InetDiagRequest Sweep => new(TcpStateSet.All, WithMemory: false, WithInfo: true);

    /// <summary>UDP sockets of a family that are bound but not connected (state CLOSE), with their drops.</summary>
    /// <param name="family">The family.</param>
    public static InetDiagRequest UdpReceivers(IpFamily family) => new(TcpStateSet.Close, WithMemory: true, family);

    /// <summary>Writes the message.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <param name="sequence">Sequence number for the replies.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public void Write(Span<byte> destination, uint sequence)
    {
        var header = new NlMsgHdr
        {
            Length = (uint)(Udp == default ? Size : NlMsgHdr.Size + InetDiagReqV2.Size),
            Type = Udp == default ? Type : NetlinkReply.TypeByFamily,
            Flags = NlMsgHdr.FlagRequest | NlMsgHdr.FlagDump,
            Sequence = sequence,
        };
        var extensions = (byte)((WithMemory ? MemoryExtension : 0) | (WithInfo ? InfoExtension : 0));
        var states = (uint)(States & TcpStateSet.All);
        MemoryMarshal.Write(destination, in header);
        if (Udp == default)
        {
            MemoryMarshal.Write(destination[NlMsgHdr.Size..], new InetDiagReq { Extensions = extensions, States = states });
        }
        else
        {
            destination[NlMsgHdr.Size..].Clear();
            MemoryMarshal.Write(destination[NlMsgHdr.Size..], new InetDiagReqV2 { Family = (byte)Udp, Protocol = ProtocolUdp, Extensions = extensions, States = states });
        }
    }
}
