using System.Diagnostics.CodeAnalysis;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using static TcpStatExporter.Kernel.Linux.Errno;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A NETLINK_SOCK_DIAG socket and its buffer. Serves the network namespace in which the opening thread was, for as
/// long as it is open, whatever namespace the thread that uses it is in. Needs no privilege. Not for two threads at once.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    // the kernel fills at most 32,448 bytes for a receive (net/netlink/af_netlink.c, netlink_recvmsg(): 32 KiB less
    // struct skb_shared_info), and no more than the largest receive buffer it has seen: less would cost more calls
    private const int BufferSize = 32 * 1024;

    // what one receive takes of a dump that is read in part: as much as the kernel's smallest allocation holds
    private const int PartSize = 8 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly byte[] _request = new byte[InetDiagRequest.Size];
    private readonly INetlinkTransport _transport;
    private readonly TimeProvider _clock;
    private uint _sequence;

    internal NetlinkSocket(INetlinkTransport transport, TimeProvider clock)
    {
        _transport = transport;
        _clock = clock;
    }

    /// <summary>Time that one dump may take. Default 5 s; a full dump takes about 1 s a million sockets.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The last dump was given up before its end. The kernel starts no other one on the same socket until the first is
    /// read to its end: open a new one.
    /// </summary>
    public bool HasUnreadReply { get; private set; }

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="result">Why it could not be opened: not in the kernel (<see cref="SourceError.Unsupported"/>), or refused by a seccomp filter (either).</param>
    /// <param name="errno">The kernel's error, for the log.</param>
    public static bool TryOpen([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        errno = NetlinkTransport.Open(out var transport);
        socket = transport is null ? null : new NetlinkSocket(transport, TimeProvider.System);
        result = socket is null ? ReadResult.Failed(ErrorOf(errno)) : ReadResult.Ok;
        return socket is not null;
    }

    /// <summary>Asks for sockets and hands each to <paramref name="visitor"/>. Allocates nothing.</summary>
    /// <param name="request">Which sockets.</param>
    /// <param name="visitor">Takes them.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    public DumpResult Dump<TVisitor>(in InetDiagRequest request, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var start = _clock.GetTimestamp();
        var sent = Send(request, start);
        return sent.IsOk ? ReadReply(start, _buffer, int.MaxValue, ref visitor) : sent;
    }

    /// <summary>
    /// Reads a part of a dump: the next datagrams of the one that is under way, or the first ones of a new one. The kernel
    /// walks its table only as far as the datagrams reach, so the cost is that of the part. It fills one datagram ahead: the
    /// first one tells of the time of the last call. Allocates nothing. Such a socket serves no whole dumps.
    /// </summary>
    /// <param name="request">Which sockets; the same at each call.</param>
    /// <param name="datagrams">Datagrams to read, of about 70 sockets each; fewer where the dump ends.</param>
    /// <param name="visitor">Takes the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    public DumpResult DumpPart<TVisitor>(in InetDiagRequest request, int datagrams, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var start = _clock.GetTimestamp();
        if (!HasUnreadReply && Send(request, start) is { IsOk: false } failed)
        {
            return failed;
        }

        return ReadReply(start, _buffer.AsSpan(0, PartSize), datagrams, ref visitor);
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <summary>Whether an error is for want of memory or descriptors, and says nothing of what the kernel can do.</summary>
    /// <param name="errno">The kernel's error.</param>
    public static bool MayPass(int errno) => errno is EINTR or EAGAIN or ENOMEM or EBUSY or ENFILE or EMFILE or ENOBUFS;

    private static DumpResult Failed(SourceError error, int errno = 0, bool interrupted = false) =>
        new(ReadResult.Failed(error), interrupted, errno);

    private static SourceError ErrorOf(int errno) => errno switch
    {
        EPERM or EACCES => SourceError.PermissionDenied,
        ENOENT or EINVAL or ENOSYS or EOPNOTSUPP or EPROTONOSUPPORT or EAFNOSUPPORT => SourceError.Unsupported,
        ENOBUFS or ENOMEM => SourceError.NoBuffers,
        EAGAIN => SourceError.Timeout,
        _ => SourceError.Io,
    };

    private DumpResult Send(in InetDiagRequest request, long start)
    {
        request.Write(_request, ++_sequence);
        int errno;
        do
        {
            errno = _transport.Send(_request);
        }
        while (errno == EINTR && Remaining(start) > TimeSpan.Zero);

        HasUnreadReply |= errno == 0;
        return errno == 0 ? new DumpResult(ReadResult.Ok, Interrupted: false, Errno: 0) : Failed(ErrorOf(errno), errno);
    }

    private DumpResult ReadReply<TVisitor>(long start, Span<byte> buffer, int datagrams, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var interrupted = false;
        for (; datagrams > 0; datagrams--)
        {
            var error = Receive(start, buffer, out var length, out var errno);
            if (error != SourceError.None)
            {
                return Failed(error, errno, interrupted);
            }

            var reply = InetDiagReply.Parse(buffer[..length], _sequence, _transport.PortId, ref visitor);
            interrupted |= reply.Interrupted;
            switch (reply.Status)
            {
                case ReplyStatus.Done:
                    HasUnreadReply = false;
                    return new DumpResult(ReadResult.Ok, interrupted, Errno: 0);
                case ReplyStatus.Stopped:
                    return new DumpResult(ReadResult.Ok, interrupted, Errno: 0);
                case ReplyStatus.Malformed:
                    return Failed(SourceError.Malformed, errno: 0, interrupted);
                case ReplyStatus.Error:
                    // an error ends the dump, but for a message lost on the way (ENOBUFS) and a dump already running (EBUSY)
                    HasUnreadReply = reply.Errno is ENOBUFS or EBUSY;
                    return Failed(ErrorOf(reply.Errno), reply.Errno, interrupted);
            }
        }

        return new DumpResult(ReadResult.Ok, interrupted, Errno: 0);
    }

    /// <summary>The next datagram of the kernel, before the deadline.</summary>
    private SourceError Receive(long start, Span<byte> buffer, out int length, out int errno)
    {
        while (true)
        {
            var remaining = Remaining(start);
            if (remaining <= TimeSpan.Zero)
            {
                length = 0;
                errno = 0;
                return SourceError.Timeout;
            }

            errno = _transport.Receive(buffer, out length, out var sender);
            switch (errno)
            {
                case 0 when sender != 0:
                    break;
                case 0:
                    return length > buffer.Length ? SourceError.Truncated : SourceError.None;
                case EINTR:
                    break;
                case EAGAIN:
                    _transport.Wait(remaining);
                    break;
                default:
                    return ErrorOf(errno);
            }
        }
    }

    private TimeSpan Remaining(long start) => Timeout - _clock.GetElapsedTime(start);
}
