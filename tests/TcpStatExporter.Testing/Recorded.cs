using System.Runtime.InteropServices;
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
}
