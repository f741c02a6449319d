using System.Runtime.InteropServices;
using System.Text;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Testing;

/// <summary>Replies recorded from a real kernel, and messages assembled by hand.</summary>
internal static class Recorded
{
    public const uint Sequence = 7;
    public const uint PortId = 1234;

    public static readonly string Folder = Fixture.Path("sockdiag");

    public static string[] Names => [.. Directory.GetFiles(Folder, "*.bin").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".bin"));

    public static List<TcpSocket> Sockets(ReadOnlySpan<byte> datagram, out ReplyResult result)
    {
        // a recording contains the sequence number of its request
        var header = datagram.Length >= NlMsgHdr.Size ? MemoryMarshal.Read<NlMsgHdr>(datagram) : default;
        return Sockets(datagram, header.Sequence, header.PortId, out result);
    }

    public static List<TcpSocket> Sockets(ReadOnlySpan<byte> datagram, uint sequence, uint portId, out ReplyResult result)
    {
        var visitor = new Collector([]);
        result = InetDiagReply.Parse(datagram, sequence, portId, ref visitor);
        return visitor.Sockets;
    }

    /// <summary>The AF_UNIX sockets of a recorded reply, or of messages with <see cref="Sequence"/> and <see cref="PortId"/>.</summary>
    /// <param name="datagram">The reply.</param>
    /// <param name="result">What came of it.</param>
    /// <param name="visited">Most sockets to take.</param>
    public static List<UnixRow> UnixSockets(ReadOnlySpan<byte> datagram, out ReplyResult result, int visited = int.MaxValue)
    {
        var visitor = new UnixCollector([], visited);
        result = UnixDiagReply.Parse(datagram, Sequence, PortId, ref visitor);
        return visitor.Rows;
    }

    /// <summary>An AF_UNIX socket that listens.</summary>
    /// <param name="name">As the kernel keeps it.</param>
    /// <param name="length">Connections in its queue.</param>
    /// <param name="limit">Its limit.</param>
    /// <param name="inode">Its inode.</param>
    /// <param name="sequence">Of the request.</param>
    /// <param name="state">Its state.</param>
    public static byte[] UnixListener(ReadOnlySpan<byte> name, uint length, uint limit, uint inode = 1, uint sequence = Sequence, TcpState state = TcpState.Listen)
    {
        var row = new UnixDiagMsg { Family = 1, Type = 1, State = (byte)state, Inode = inode };
        var head = new byte[UnixDiagMsg.Size];
        MemoryMarshal.Write(head, in row);
        byte[] body =
        [
            .. head,
            .. Attribute(UnixDiagReply.AttributeName, name),
            .. Attribute(UnixDiagReply.AttributeQueue, [.. BitConverter.GetBytes(length), .. BitConverter.GetBytes(limit)]),
            .. Attribute(6, [0]),
            .. Attribute(UnixDiagReply.AttributeUid, BitConverter.GetBytes(33)),
        ];
        return Message(NetlinkReply.TypeByFamily, body, sequence: sequence);
    }

    public static byte[] Message(ushort type, ReadOnlySpan<byte> body, ushort flags = 0, uint sequence = Sequence, uint portId = PortId)
    {
        var message = new byte[NlMsgHdr.Align(NlMsgHdr.Size + body.Length)];
        var header = new NlMsgHdr { Length = (uint)(NlMsgHdr.Size + body.Length), Type = type, Flags = flags, Sequence = sequence, PortId = portId };
        MemoryMarshal.Write(message, in header);
        body.CopyTo(message.AsSpan(NlMsgHdr.Size));
        return message;
    }

    public static byte[] Socket(TcpState state, ReadOnlySpan<byte> attributes = default, ushort flags = 0, uint sequence = Sequence, uint portId = PortId)
    {
        var row = new InetDiagMsg { Family = (byte)IpFamily.IPv4, State = (byte)state };
        var body = new byte[InetDiagMsg.Size + attributes.Length];
        MemoryMarshal.Write(body, in row);
        attributes.CopyTo(body.AsSpan(InetDiagMsg.Size));
        return Message(InetDiagRequest.Type, body, flags, sequence, portId);
    }

    public static byte[] Attribute(int type, ReadOnlySpan<byte> value, ushort? length = null)
    {
        var attribute = new byte[NlMsgHdr.Align(NlAttr.Size + value.Length)];
        var header = new NlAttr { Length = length ?? (ushort)(NlAttr.Size + value.Length), Type = (ushort)type };
        MemoryMarshal.Write(attribute, in header);
        value.CopyTo(attribute.AsSpan(NlAttr.Size));
        return attribute;
    }

    public static byte[] Done(int errno = 0, ushort flags = 0, uint sequence = Sequence) =>
        Message(NlMsgHdr.TypeDone, BitConverter.GetBytes(errno), flags, sequence);

    public static byte[] Error(int errno, uint sequence = Sequence) =>
        Message(NlMsgHdr.TypeError, [.. BitConverter.GetBytes(errno), .. new byte[NlMsgHdr.Size]], sequence: sequence);

    private readonly struct Collector(List<TcpSocket> sockets) : ITcpSocketVisitor
    {
        public List<TcpSocket> Sockets { get; } = sockets;

        public bool Visit(in TcpSocket socket)
        {
            Sockets.Add(socket);
            return true;
        }
    }

    /// <summary>What was told of an AF_UNIX socket.</summary>
    /// <param name="Name">Its name, byte for byte.</param>
    /// <param name="Queue">Queue and limit; none where they were not told.</param>
    /// <param name="Inode">Its inode.</param>
    /// <param name="Uid">Its user; none where it was not told.</param>
    /// <param name="State">Its state.</param>
    internal readonly record struct UnixRow(string Name, (uint Length, uint Limit)? Queue, uint Inode, uint? Uid, TcpState State)
    {
        /// <summary>A character for each byte.</summary>
        /// <param name="name">Bytes.</param>
        public static string Text(ReadOnlySpan<byte> name) => Encoding.Latin1.GetString(name);
    }

    private readonly struct UnixCollector(List<UnixRow> rows, int most) : IUnixSocketVisitor
    {
        public List<UnixRow> Rows { get; } = rows;

        public bool Visit(in UnixSocket socket)
        {
            Rows.Add(new UnixRow(
                UnixRow.Text(socket.Name), socket.HasQueue ? (socket.QueueLength, socket.QueueLimit) : null, socket.Inode, socket.HasUid ? socket.Uid : null, socket.State));
            return Rows.Count < most;
        }
    }
}
