using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using static TcpStatExporter.Kernel.Linux.Errno;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A NETLINK_SOCK_DIAG socket and its buffer. It serves the network namespace of the thread that opened it, whichever thread
/// uses it later. Needs no privilege. Not thread-safe.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    // One receive returns at most 32,448 bytes (net/netlink/af_netlink.c, netlink_recvmsg(): 32 KiB less struct
    // skb_shared_info), and at most the largest receive buffer the kernel has seen on this socket. A smaller buffer would
    // need more calls.
    private const int BufferSize = 32 * 1024;

    // receive size for a partial dump: what the kernel's smallest allocation holds
    private const int PartSize = 8 * 1024;

    /// <summary>Most sockets in one call of <see cref="FindListeners"/>: the answers have to fit into the kernel's receive buffer.</summary>
    public const int MostAtOnce = 64;

    private readonly byte[] _buffer;
    private readonly byte[] _request = new byte[InetDiagRequest.Size];
    private readonly INetlinkTransport _transport;
    private readonly TimeProvider _clock;
    private uint _sequence;

    internal NetlinkSocket(INetlinkTransport transport, TimeProvider clock, byte[]? buffer = null)
    {
        _buffer = buffer ?? CreateBuffer();
        _transport = transport;
        _clock = clock;
    }

    /// <summary>Time limit for one dump. Default: 5 s. A full dump takes about 1 s per million sockets.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// True if the last dump was abandoned before its end. The kernel refuses to start another dump on the same socket until
    /// the first one is read to its end, so open a new socket.
    /// </summary>
    public bool HasUnreadReply { get; private set; }

    /// <summary>Identifies the network namespace. The kernel never uses a number twice. 0 if the kernel does not tell (before Linux 5.14).</summary>
    public ulong NetnsCookie { get; internal init; }

    /// <summary>Creates a buffer. Sockets that are used one at a time can share it.</summary>
    public static byte[] CreateBuffer() => new byte[BufferSize];

    /// <summary>Opens a socket in the network namespace of the calling thread.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="result">
    /// Why it could not be opened. <see cref="SourceError.Unsupported"/>: the kernel lacks it. A seccomp filter can cause
    /// either error.
    /// </param>
    /// <param name="errno">The kernel's error, for the log.</param>
    public static bool TryOpen([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        errno = NetlinkTransport.Open(out var transport);
        socket = transport is null ? null : new NetlinkSocket(transport, TimeProvider.System) { NetnsCookie = transport.ReadNetnsCookie() };
        result = socket is null ? ReadResult.Failed(ErrorOf(errno)) : ReadResult.Ok;
        return socket is not null;
    }

    /// <summary>Takes a socket over that somebody else has opened.</summary>
    /// <param name="descriptor">The socket. Disposed if it is no NETLINK_SOCK_DIAG socket.</param>
    /// <param name="buffer">A buffer to share.</param>
    /// <param name="errno">Why it cannot be used.</param>
    internal static NetlinkSocket? Adopt(Libc.SocketHandle descriptor, byte[] buffer, out int errno)
    {
        errno = NetlinkTransport.Adopt(descriptor, out var transport);
        return transport is null ? null : new NetlinkSocket(transport, TimeProvider.System, buffer) { NetnsCookie = transport.ReadNetnsCookie() };
    }

    /// <summary>Requests sockets and passes each to <paramref name="visitor"/>. Allocates nothing.</summary>
    /// <param name="request">Which sockets.</param>
    /// <param name="visitor">Receives the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    public DumpResult Dump<TVisitor>(in InetDiagRequest request, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        request.Write(_request, ++_sequence);
        var taker = new InetDiagReply.Taker<TVisitor>(ref visitor);
        return Dump(_request, ref taker);
    }

    /// <summary>Asks for the AF_UNIX sockets that listen and hands each to <paramref name="visitor"/>. Allocates nothing.</summary>
    /// <param name="visitor">Takes them.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    public DumpResult DumpUnixListeners<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IUnixSocketVisitor
    {
        UnixDiagRequest.Write(_request, ++_sequence);
        var taker = new UnixDiagReply.Taker<TVisitor>(ref visitor);
        return Dump(_request.AsSpan(0, UnixDiagRequest.Size), ref taker);
    }

    /// <summary>
    /// Reads part of a dump: the next datagrams of the current dump, or the first ones of a new dump. The kernel walks its
    /// table only as far as these datagrams reach, so a part costs only its share. The kernel fills one datagram ahead, so
    /// the first datagram shows the state at the time of the previous call. Allocates nothing. Do not use the same socket for
    /// full dumps.
    /// </summary>
    /// <param name="request">Which sockets. Must be the same in every call.</param>
    /// <param name="datagrams">Number of datagrams to read, about 70 sockets each. Fewer are read if the dump ends.</param>
    /// <param name="visitor">Receives the sockets.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    public DumpResult DumpPart<TVisitor>(in InetDiagRequest request, int datagrams, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var start = _clock.GetTimestamp();
        if (!HasUnreadReply)
        {
            request.Write(_request, ++_sequence);
            if (Send(_request, start) is { IsOk: false } failed)
            {
                return failed;
            }
        }

        var taker = new InetDiagReply.Taker<TVisitor>(ref visitor);
        return ReadReply(start, _buffer.AsSpan(0, PartSize), datagrams, ref taker);
    }

    /// <summary>Requests one connection, with INET_DIAG_INFO and INET_DIAG_SKMEMINFO. Allocates nothing.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="found">The connection. The default value if it is gone.</param>
    /// <returns>Ok whether it exists or is gone. If it is gone, <paramref name="found"/> has no state.</returns>
    public DumpResult Find(in TcpSocketId id, out TcpSocket found)
    {
        found = default;
        var start = _clock.GetTimestamp();
        InetDiagLookup.Write(_request, id, ++_sequence);
        var sent = Send(_request, start);
        if (!sent.IsOk)
        {
            return sent;
        }

        var one = new One();
        var taker = new InetDiagReply.Taker<One>(ref one);
        var reply = ReadReply(start, _buffer, 1, ref taker);
        found = one.Socket;
        HasUnreadReply = reply is { IsOk: false, Errno: 0 };
        return reply.Errno is ENOENT or ESTALE ? new DumpResult(ReadResult.Ok, Interrupted: false, Errno: 0) : reply;
    }

    /// <summary>
    /// Requests several listening sockets with their drops, in one system call, without a walk over the kernel's table. Of a
    /// SO_REUSEPORT group, the kernel finds only one socket, whichever it chooses. Allocates nothing.
    /// </summary>
    /// <param name="ids">The sockets. At most <see cref="MostAtOnce"/>.</param>
    /// <param name="visitor">Receives those that were found.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    public DumpResult FindListeners<TVisitor>(ReadOnlySpan<TcpSocketId> ids, ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, MostAtOnce, nameof(ids));
        var start = _clock.GetTimestamp();
        var first = _sequence + 1;
        for (var i = 0; i < ids.Length; i++)
        {
            InetDiagLookup.Write(_buffer.AsSpan(i * InetDiagLookup.Size), in ids[i], ++_sequence, withInfo: false);
        }

        var result = Send(_buffer.AsSpan(0, ids.Length * InetDiagLookup.Size), start);
        for (var left = ids.Length; result.IsOk && left > 0;)
        {
            // the kernel answers each request with a datagram of its own
            var error = Receive(start, _buffer, out var length, out var errno);
            if (error != SourceError.None)
            {
                return Failed(error, errno);
            }

            var datagram = _buffer.AsSpan(0, length);
            if (!MemoryMarshal.TryRead<NlMsgHdr>(datagram, out var header))
            {
                return Failed(SourceError.Malformed);
            }

            if (unchecked(header.Sequence - first) >= (uint)ids.Length || header.PortId != _transport.PortId)
            {
                continue;
            }

            left--;
            var taker = new InetDiagReply.Taker<TVisitor>(ref visitor);
            var reply = NetlinkReply.Parse(datagram, header.Sequence, _transport.PortId, ref taker);
            result = reply.Status switch
            {
                ReplyStatus.Malformed => Failed(SourceError.Malformed),
                ReplyStatus.Error when reply.Errno is not (ENOENT or ESTALE) => Failed(ErrorOf(reply.Errno), reply.Errno),
                _ => result,
            };
        }

        HasUnreadReply = !result.IsOk;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <summary>
    /// Returns true if an error is temporary, such as a lack of memory or descriptors, and says nothing about what the kernel
    /// supports.
    /// </summary>
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

    private DumpResult Dump<TTaker>(ReadOnlySpan<byte> request, ref TTaker taker)
        where TTaker : struct, IMessageTaker, allows ref struct
    {
        var start = _clock.GetTimestamp();
        var sent = Send(request, start);
        return sent.IsOk ? ReadReply(start, _buffer, int.MaxValue, ref taker) : sent;
    }

    private DumpResult Send(ReadOnlySpan<byte> request, long start)
    {
        int errno;
        do
        {
            errno = _transport.Send(request);
        }
        while (errno == EINTR && Remaining(start) > TimeSpan.Zero);

        HasUnreadReply |= errno == 0;
        return errno == 0 ? new DumpResult(ReadResult.Ok, Interrupted: false, Errno: 0) : Failed(ErrorOf(errno), errno);
    }

    private DumpResult ReadReply<TTaker>(long start, Span<byte> buffer, int datagrams, ref TTaker taker)
        where TTaker : struct, IMessageTaker, allows ref struct
    {
        var interrupted = false;
        for (; datagrams > 0; datagrams--)
        {
            var error = Receive(start, buffer, out var length, out var errno);
            if (error != SourceError.None)
            {
                return Failed(error, errno, interrupted);
            }

            var reply = NetlinkReply.Parse(buffer[..length], _sequence, _transport.PortId, ref taker);
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
                    // an error ends the dump, except a lost message (ENOBUFS) and a dump that is already running (EBUSY)
                    HasUnreadReply = reply.Errno is ENOBUFS or EBUSY;
                    return Failed(ErrorOf(reply.Errno), reply.Errno, interrupted);
            }
        }

        return new DumpResult(ReadResult.Ok, interrupted, Errno: 0);
    }

    /// <summary>Receives the kernel's next datagram, or gives up at the deadline.</summary>
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

    private struct One : ITcpSocketVisitor
    {
        public TcpSocket Socket;

        public bool Visit(in TcpSocket socket)
        {
            Socket = socket;
            return true;
        }
    }
}
