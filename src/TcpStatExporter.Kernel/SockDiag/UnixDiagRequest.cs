using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// A request for a dump of the AF_UNIX sockets that listen, with name, queue and owner: net/unix/diag.c, unix_diag_dump(). The
/// kernel walks the whole hash table of AF_UNIX sockets of the network namespace, whatever states are asked for (before
/// Linux 6.0 that of all namespaces).
/// </summary>
public static class UnixDiagRequest
{
    /// <summary>Bytes of a request.</summary>
    public const int Size = NlMsgHdr.Size + UnixDiagReq.Size;

    // AF_UNIX
    private const byte Family = 1;

    // UDIAG_SHOW_NAME, UDIAG_SHOW_RQLEN, UDIAG_SHOW_UID (Linux 5.3; an older kernel passes over it), include/uapi/linux/unix_diag.h
    private const uint Show = 0x01 | 0x10 | 0x40;

    /// <summary>Writes the message.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <param name="sequence">What the replies will carry.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public static void Write(Span<byte> destination, uint sequence)
    {
        var header = new NlMsgHdr
        {
            Length = Size,
            Type = NetlinkReply.TypeByFamily,
            Flags = NlMsgHdr.FlagRequest | NlMsgHdr.FlagDump,
            Sequence = sequence,
        };
        MemoryMarshal.Write(destination, in header);
        MemoryMarshal.Write(destination[NlMsgHdr.Size..], new UnixDiagReq
        {
            Family = Family,
            States = 1u << (int)TcpState.Listen,
            Show = Show,

            // of an exact request alone, "any"
            CookieLow = uint.MaxValue,
            CookieHigh = uint.MaxValue,
        });
    }
}
