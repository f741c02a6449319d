using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>
/// The reply to a dump of AF_UNIX sockets, as net/unix/diag.c, sk_diag_fill(), fills it: each message one
/// <c>unix_diag_msg</c> with attributes, and NLMSG_DONE at the end.
/// </summary>
/// <remarks>
/// UNIX_DIAG_NAME is sun_path as it was bound: a path with the NUL that ends it, or a NUL and an abstract name of any bytes;
/// missing if the socket is not bound. UNIX_DIAG_RQLEN of a listener is its accept queue and the limit of that queue.
/// UNIX_DIAG_UID came with Linux 5.3. A dump is never marked as interrupted: a socket that is bound or closed meanwhile may be
/// told or not. A socket whose state changes between being selected and being written is reported in the new state.
/// </remarks>
public static class UnixDiagReply
{
    internal const int AttributeName = 0;
    internal const int AttributeQueue = 4;
    internal const int AttributeUid = 7;

    /// <summary>Hands each socket of one datagram to <paramref name="visitor"/>.</summary>
    /// <param name="datagram">What one receive gave; starts on a message.</param>
    /// <param name="sequence">Sequence number of the request. Messages with another one are skipped.</param>
    /// <param name="portId">Port of the receiving socket. Messages for another one are skipped.</param>
    /// <param name="visitor">Takes the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    public static ReplyResult Parse<TVisitor>(ReadOnlySpan<byte> datagram, uint sequence, uint portId, ref TVisitor visitor)
        where TVisitor : struct, IUnixSocketVisitor
    {
        var taker = new Taker<TVisitor>(ref visitor);
        return NetlinkReply.Parse(datagram, sequence, portId, ref taker);
    }

    private static ReplyFault ParseSocket(ReadOnlySpan<byte> body, out UnixSocket socket)
    {
        socket = default;
        if (body.Length < UnixDiagMsg.Size)
        {
            return ReplyFault.BodyCut;
        }

        var row = MemoryMarshal.Read<UnixDiagMsg>(body);
        socket.State = (TcpState)row.State;
        socket.Inode = row.Inode;
        for (var attributes = body[UnixDiagMsg.Size..]; attributes.Length >= NlAttr.Size;)
        {
            var fault = NlAttr.Next(ref attributes, out var type, out var value);
            if (fault != ReplyFault.None)
            {
                return fault;
            }

            switch (type)
            {
                case AttributeName:
                    socket.Name = value;
                    break;
                case AttributeQueue when value.Length >= 2 * sizeof(uint):
                    socket.QueueLength = MemoryMarshal.Read<uint>(value);
                    socket.QueueLimit = MemoryMarshal.Read<uint>(value[sizeof(uint)..]);
                    socket.HasQueue = true;
                    break;
                case AttributeUid when value.Length >= sizeof(uint):
                    socket.Uid = MemoryMarshal.Read<uint>(value);
                    socket.HasUid = true;
                    break;
            }
        }

        return ReplyFault.None;
    }

    /// <summary>Hands sockets to a visitor.</summary>
    internal readonly ref struct Taker<TVisitor>(ref TVisitor visitor) : IMessageTaker
        where TVisitor : struct, IUnixSocketVisitor
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
