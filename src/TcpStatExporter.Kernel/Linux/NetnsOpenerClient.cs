using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using static TcpStatExporter.Kernel.Linux.Libc;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Asks a privileged opener for sockets, over a Unix socket of type SOCK_SEQPACKET. A request is the byte 1 with one pidfd. The
/// answer is an errno of four bytes, little-endian, with one NETLINK_SOCK_DIAG socket if the errno is 0. It trusts no answer,
/// and waits for at most <see cref="Patience"/>. Not thread-safe.
/// </summary>
/// <param name="path">Path of the opener's socket.</param>
public sealed unsafe class NetnsOpenerClient(string path) : INetnsOpener
{
    /// <summary>How long to wait for the opener.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private const byte Version = 1;

    private const int PathOffset = sizeof(ushort);
    private const int MaxAddress = 110;

    private SocketHandle? _connection;

    /// <inheritdoc/>
    public OpenerFault TryOpen(SafeHandle process, byte[] buffer, out NetlinkSocket? socket, out int errno)
    {
        ArgumentNullException.ThrowIfNull(process);
        socket = null;
        errno = 0;
        if (_connection is null && !TryConnect(out errno))
        {
            return errno == Errno.EAGAIN ? OpenerFault.Silent : OpenerFault.Unreachable;
        }

        errno = Send(_connection!, process);
        SocketHandle? descriptor = null;
        var fault = errno == 0 ? Receive(_connection!, out descriptor, out errno) : FaultOf(errno);
        if (fault == OpenerFault.None)
        {
            socket = NetlinkSocket.Adopt(descriptor!, buffer, out errno);
            fault = socket is null ? OpenerFault.Malformed : OpenerFault.None;
        }

        if (fault is not (OpenerFault.None or OpenerFault.Refused))
        {
            // whatever comes later on this connection may belong to this request
            Rest();
        }

        return fault;
    }

    /// <summary>Closes the connection, so that the opener can end.</summary>
    public void Rest()
    {
        _connection?.Dispose();
        _connection = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Rest();

    private static OpenerFault FaultOf(int errno) => errno == Errno.EAGAIN ? OpenerFault.Silent : OpenerFault.Closed;

    private bool TryConnect(out int errno)
    {
        Span<byte> address = stackalloc byte[MaxAddress];
        address.Clear();
        var length = Encoding.UTF8.GetByteCount(path);
        if (length >= MaxAddress - PathOffset)
        {
            errno = Errno.EINVAL;
            return false;
        }

        MemoryMarshal.Write(address, (ushort)AddressFamilyUnix);
        _ = Encoding.UTF8.GetBytes(path, address[PathOffset..]);
        var socket = Socket(AddressFamilyUnix, SocketSequencedPacket | SocketCloseOnExec, protocol: 0);
        var patience = new Timespec { Seconds = (long)Patience.TotalSeconds };
        if (socket.IsInvalid
            || SetSocketTime(socket, SocketLevel, SocketReceiveTimeout, in patience, (uint)sizeof(Timespec)) != 0
            || SetSocketTime(socket, SocketLevel, SocketSendTimeout, in patience, (uint)sizeof(Timespec)) != 0
            || Connect(socket, address, (uint)(PathOffset + length + 1)) != 0)
        {
            errno = Marshal.GetLastPInvokeError();
            socket.Dispose();
            return false;
        }

        errno = 0;
        _connection = socket;
        return true;
    }

    private static int Send(SocketHandle connection, SafeHandle process)
    {
        var version = Version;
        var vector = new Vector { Base = &version, Length = 1 };
        var rights = new Rights { Length = Rights.HeaderSize + sizeof(int), Level = SocketLevel, Type = ControlRights };
        var message = new Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = (nuint)sizeof(Rights) };
        var taken = false;
        try
        {
            process.DangerousAddRef(ref taken);
            rights.Descriptors[0] = (int)process.DangerousGetHandle();
            nint sent;
            do
            {
                sent = SendMessage((int)connection.DangerousGetHandle(), &message, MessageNoSignal);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            return sent < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        finally
        {
            if (taken)
            {
                process.DangerousRelease();
            }
        }
    }

    private static OpenerFault Receive(SocketHandle connection, out SocketHandle? descriptor, out int errno)
    {
        descriptor = null;
        var answer = 0;
        var vector = new Vector { Base = &answer, Length = sizeof(int) };
        var rights = default(Rights);
        var message = new Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = (nuint)sizeof(Rights) };
        nint length;
        do
        {
            length = ReceiveMessage((int)connection.DangerousGetHandle(), &message, MessageCloseOnExec);
        }
        while (length < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

        if (length < 0)
        {
            errno = Marshal.GetLastPInvokeError();
            return FaultOf(errno);
        }

        var hasRights = message.ControlLength >= Rights.HeaderSize && rights is { Level: SocketLevel, Type: ControlRights };
        var count = hasRights ? ((int)rights.Length - Rights.HeaderSize) / sizeof(int) : 0;
        errno = BitConverter.IsLittleEndian ? answer : BinaryPrimitives.ReverseEndianness(answer);
        var isWhole = length == sizeof(int) && (message.Flags & (MessageControlTruncated | MessageTruncated)) == 0;
        if (isWhole && errno == 0 && count == 1)
        {
            descriptor = new SocketHandle();
            Marshal.InitHandle(descriptor, rights.Descriptors[0]);
            return OpenerFault.None;
        }

        // whatever was sent is ours to close
        for (var i = 0; i < count; i++)
        {
            _ = Close(rights.Descriptors[i]);
        }

        return length == 0 ? OpenerFault.Closed : isWhole && errno > 0 && count == 0 ? OpenerFault.Refused : OpenerFault.Malformed;
    }
}
