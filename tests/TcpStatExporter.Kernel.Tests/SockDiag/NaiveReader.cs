using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>
/// Reads the sockets of a reply in the simplest way: offsets and checks written out, nothing shared with the parser.
/// </summary>
internal static class NaiveReader
{
    public static List<TcpSocket> Read(byte[] bytes, out bool complete)
    {
        complete = false;
        var sequence = U32(bytes, 8);
        var port = U32(bytes, 12);
        var sockets = new List<TcpSocket>();
        for (long at = 0; at + 16 <= bytes.Length;)
        {
            long length = U32(bytes, at);
            if (length < 16 || at + length > bytes.Length)
            {
                return sockets;
            }

            if (U32(bytes, at + 8) == sequence && U32(bytes, at + 12) == port)
            {
                switch (U16(bytes, at + 4))
                {
                    case 18 or 20:
                        if (Socket(bytes, at + 16, at + length) is not { } socket)
                        {
                            return sockets;
                        }

                        sockets.Add(socket);
                        break;
                    case 2 when length < 20 || U32(bytes, at + 16) != 0:
                        return sockets;
                    case 3:
                        complete = length >= 20 && U32(bytes, at + 16) == 0;
                        return sockets;
                    case 4:
                        return sockets;
                }
            }

            at += (length + 3) / 4 * 4;
        }

        return sockets;
    }

    private static TcpSocket? Socket(byte[] bytes, long from, long end)
    {
        if (end - from < 72)
        {
            return null;
        }

        var socket = new TcpSocket
        {
            State = (TcpState)bytes[from + 1],
            Timer = bytes[from + 2],
            TimerMilliseconds = U32(bytes, from + 52),
            Retransmits = bytes[from + 3],
            LocalPort = (ushort)BigEndian(bytes, from + 4, 2),
            RemotePort = (ushort)BigEndian(bytes, from + 6, 2),
            LocalAddress = Address(bytes[from], bytes, from + 8),
            RemoteAddress = Address(bytes[from], bytes, from + 24),
            Interface = U32(bytes, from + 40),
            Cookie = U64(bytes, from + 44),
            ReceiveQueue = U32(bytes, from + 56),
            SendQueue = U32(bytes, from + 60),
            Inode = U32(bytes, from + 68),
        };
        var hasShutdown = false;
        for (var at = from + 72; at + 4 <= end;)
        {
            int length = U16(bytes, at);
            if (length < 4 || at + length > end)
            {
                return null;
            }

            switch (U16(bytes, at + 2) % 0x4000)
            {
                case 7 when length >= 4 + (9 * 4):
                    socket.Drops = U32(bytes, at + 4 + (8 * 4));
                    socket.ReceiveLimit = U32(bytes, at + 4 + (1 * 4));
                    socket.ReceiveMemory = U32(bytes, at + 4);
                    socket.HasDrops = true;
                    break;
                case 2 when length >= 4 + 72:
                    socket.SinceDataSent = U32(bytes, at + 4 + 44);
                    socket.SinceDataReceived = U32(bytes, at + 4 + 52);
                    socket.SinceAckReceived = U32(bytes, at + 4 + 56);
                    socket.RoundTripMicroseconds = U32(bytes, at + 4 + 68);
                    socket.HasInfo = true;
                    if (length >= 4 + 216)
                    {
                        socket.BytesSent = U64(bytes, at + 4 + 200);
                        socket.BytesRetransmitted = U64(bytes, at + 4 + 208);
                        socket.HasTraffic = true;
                    }
                    else if (length >= 4 + 128)
                    {
                        socket.BytesRetransmitted = (ulong)U32(bytes, at + 4 + 100) * U32(bytes, at + 4 + 16);
                        socket.BytesSent = unchecked(U64(bytes, at + 4 + 120) + socket.BytesRetransmitted);
                        socket.HasTraffic = true;
                    }

                    break;
                case 8:
                    hasShutdown = true;
                    break;
                case 11 when length >= 5:
                    socket.IsV6Only = bytes[at + 4] != 0;
                    break;
                case 21 when length >= 12:
                    socket.CgroupId = U64(bytes, at + 4);
                    break;
            }

            at += (length + 3) / 4 * 4;
        }

        if ((int)socket.State == 3 && !hasShutdown)
        {
            socket.State = TcpState.NewSynRecv;
        }

        return socket;
    }

    private static IpAddress Address(byte family, byte[] bytes, long at) => family switch
    {
        2 => IpAddress.FromIPv4((uint)BigEndian(bytes, at, 4)),
        10 => IpAddress.FromIPv6(BigEndian(bytes, at, 8), BigEndian(bytes, at + 8, 8)),
        _ => default,
    };

    private static ulong BigEndian(byte[] bytes, long at, int count)
    {
        var value = 0UL;
        for (var i = 0; i < count; i++)
        {
            value = (value * 256) + bytes[at + i];
        }

        return value;
    }

    private static ulong U64(byte[] bytes, long at) => BitConverter.ToUInt64(bytes, (int)at);

    private static uint U32(byte[] bytes, long at) => BitConverter.ToUInt32(bytes, (int)at);

    private static ushort U16(byte[] bytes, long at) => BitConverter.ToUInt16(bytes, (int)at);
}
