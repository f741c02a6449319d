using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>The reply to a dump of sockets of any family: datagrams of netlink messages, one a socket, and NLMSG_DONE at the end.</summary>
internal static class NetlinkReply
{
    /// <summary>SOCK_DIAG_BY_FAMILY, include/uapi/linux/sock_diag.h: what a request by family is answered with.</summary>
    public const ushort TypeByFamily = 20;

    private const int OutOfBuffers = 105;

    /// <summary>Hands the body of each socket of one datagram to <paramref name="taker"/>.</summary>
    /// <param name="datagram">What one receive gave; starts on a message.</param>
    /// <param name="sequence">Sequence number of the request. Messages with another one answer an earlier request, and are skipped.</param>
    /// <param name="portId">Port of the receiving socket. Messages for another one are skipped.</param>
    /// <param name="taker">Takes the sockets.</param>
    /// <typeparam name="TTaker">A struct, so that the call is inlined.</typeparam>
    public static ReplyResult Parse<TTaker>(ReadOnlySpan<byte> datagram, uint sequence, uint portId, ref TTaker taker)
        where TTaker : struct, IMessageTaker, allows ref struct
    {
        var interrupted = false;
        var offset = 0;
        while (offset < datagram.Length)
        {
            var rest = datagram[offset..];
            if (rest.Length < NlMsgHdr.Size)
            {
                return Malformed(ReplyFault.HeaderCut, offset, interrupted);
            }

            var header = MemoryMarshal.Read<NlMsgHdr>(rest);
            if (header.Length < NlMsgHdr.Size)
            {
                return Malformed(ReplyFault.MessageTooShort, offset, interrupted);
            }

            if (header.Length > (uint)rest.Length)
            {
                return Malformed(ReplyFault.MessageCut, offset, interrupted);
            }

            if (header.Sequence == sequence && header.PortId == portId)
            {
                interrupted |= (header.Flags & NlMsgHdr.FlagDumpInterrupted) != 0;
                var body = rest[NlMsgHdr.Size..(int)header.Length];
                switch (header.Type)
                {
                    case InetDiagRequest.Type or TypeByFamily:
                        var fault = taker.Take(body, out var goesOn);
                        if (fault != ReplyFault.None)
                        {
                            return Malformed(fault, offset, interrupted);
                        }

                        if (!goesOn)
                        {
                            return new ReplyResult(ReplyStatus.Stopped, interrupted);
                        }

                        break;

                    // both carry a negative errno; 0 of an error message is an acknowledgement, of an end message success
                    case NlMsgHdr.TypeError or NlMsgHdr.TypeDone:
                        if (!MemoryMarshal.TryRead<int>(body, out var errno))
                        {
                            return Malformed(ReplyFault.BodyCut, offset, interrupted);
                        }

                        if (errno != 0)
                        {
                            return new ReplyResult(ReplyStatus.Error, interrupted, Errno: unchecked(-errno));
                        }

                        if (header.Type == NlMsgHdr.TypeDone)
                        {
                            return new ReplyResult(ReplyStatus.Done, interrupted);
                        }

                        break;

                    case NlMsgHdr.TypeOverrun:
                        return new ReplyResult(ReplyStatus.Error, interrupted, Errno: OutOfBuffers);
                }
            }

            // the last message of a datagram may come without its padding
            offset += Math.Min(NlMsgHdr.Align((int)header.Length), rest.Length);
        }

        return new ReplyResult(ReplyStatus.More, interrupted);
    }

    private static ReplyResult Malformed(ReplyFault fault, int offset, bool interrupted) =>
        new(ReplyStatus.Malformed, interrupted, Fault: fault, Offset: offset);
}
