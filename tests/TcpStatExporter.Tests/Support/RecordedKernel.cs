using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Tests.Support;

/// <summary>
/// A kernel that answers each request for sockets with the recorded reply. A reply without the states that counters provide
/// is marked as interrupted, because no counters were recorded with it. Then all sockets are requested.
/// </summary>
internal sealed class RecordedKernel : INetlinkTransport
{
    private byte[]? _reply;

    public uint PortId => Recorded.PortId;

    public static bool Open(out NetlinkSocket socket, out ReadResult result, out int errno)
    {
        (socket, result, errno) = (new NetlinkSocket(new RecordedKernel(), TimeProvider.System), ReadResult.Ok, 0);
        return true;
    }

    public int Send(ReadOnlySpan<byte> message)
    {
        var request = MemoryMarshal.Read<NlMsgHdr>(message);
        var states = request.Type == NetlinkReply.TypeByFamily ? default : (TcpStateSet)MemoryMarshal.Read<InetDiagReq>(message[NlMsgHdr.Size..]).States;
        _reply = Recorded.Read(request.Type == NetlinkReply.TypeByFamily ? ByFamily(message[NlMsgHdr.Size]) : states switch
        {
            TcpStateSet.Listen => "every-state.listeners",
            TcpStateSet.AllButCommon => "every-state.filtered",
            _ => "every-state",
        });
        for (var rest = _reply.AsSpan(); !rest.IsEmpty; rest = rest[NlMsgHdr.Align((int)MemoryMarshal.Read<NlMsgHdr>(rest).Length)..])
        {
            ref var header = ref MemoryMarshal.AsRef<NlMsgHdr>(rest);
            (header.Sequence, header.PortId) = (request.Sequence, PortId);
            header.Flags |= states == TcpStateSet.AllButCommon ? NlMsgHdr.FlagDumpInterrupted : (ushort)0;
        }

        return 0;
    }

    private static string ByFamily(byte family) => (IpFamily)family switch
    {
        IpFamily.IPv4 => "udp/ipv4",
        IpFamily.IPv6 => "udp/ipv6",
        _ => "unix/listeners",
    };

    public int Receive(Span<byte> buffer, out int length, out uint sender)
    {
        (length, sender) = (_reply?.Length ?? -1, 0);
        _reply?.CopyTo(buffer);
        var errno = _reply is null ? Errno.EAGAIN : 0;
        _reply = null;
        return errno;
    }

    public void Wait(TimeSpan timeout) => throw new InvalidOperationException("the recorded reply has no end");

    public void Dispose()
    {
    }
}
