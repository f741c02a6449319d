using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/tcp, printed by tcp4_seq_show (net/ipv4/tcp_ipv4.c):
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//    1: 0100007F:9623 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 80655 1 00000000af89dc7d 100 0 0 10 0
// /proc/net/tcp6, printed by tcp6_seq_show (net/ipv6/tcp_ipv6.c): the same, with 32 digits per address.
//
// - The formats of a socket, a request socket and a TIME_WAIT minisocket differ only after the inode, which is 0 for the last
//   two. The parser reads nothing after the inode, so kernels may add columns.
// - The columns up to retrnsmt have a fixed width, except the row number (%4d). tm->when is an unsigned long, but 8 digits
//   are 497 days of clock ticks, and no timer runs that long. From the uid on, widths vary.
// - An address is printed as 32-bit words of network-order bytes, read in host order. 127.0.0.1 is 0100007F on a
//   little-endian machine. CoreCLR runs on no other.
// - Rows of tcp are padded with spaces to 149 bytes. Rows of tcp6 are not padded.
// - /proc/net/udp and udp6 (udp4_format_sock in net/ipv4/udp.c, __ip6_dgram_sock_seq_show in net/ipv6/datagram.c) have the
//   same columns, with %5d for the row number, and end in "ref pointer drops". The header of udp begins with one more blank
//   than that of udp6. rx_queue is Recv-Q in ss.
// - Linux prints listeners first, from their own table. gVisor prints sockets in creation order, and its row numbers can be
//   wider than four digits. Everything else is the same.

/// <summary>
/// Parses <c>/proc/net/tcp</c>, <c>tcp6</c>, <c>udp</c> or <c>udp6</c> chunk by chunk, in constant memory. This mutable
/// struct remembers between chunks that the header line was read. Start each pass over the file with a new one.
/// </summary>
public struct NetTcp
{
    private const int IPv4Digits = 8;
    private const int IPv6Digits = 32;

    private readonly int _addressDigits;
    private readonly bool _isUdp;
    private bool _headerRead;

    /// <summary>Starts a pass over a file.</summary>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for tcp, <see cref="IpFamily.IPv6"/> for tcp6.</param>
    /// <param name="isUdp">True for udp or udp6. Their rows end with the drops of the socket.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another family.</exception>
    public NetTcp(IpFamily family, bool isUdp = false)
    {
        _isUdp = isUdp;
        _addressDigits = family switch
        {
            IpFamily.IPv4 => IPv4Digits,
            IpFamily.IPv6 => IPv6Digits,
            _ => throw new ArgumentOutOfRangeException(nameof(family)),
        };
    }

    /// <summary>The visitor stopped. No more chunks are needed.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Parses the complete lines of a chunk and passes each socket to the visitor, in the kernel's order.</summary>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    /// <param name="text">The unparsed rest of the previous chunk, followed by new bytes.</param>
    /// <param name="last">This is the last chunk. An unfinished line is then an error.</param>
    /// <param name="visitor">Receives the sockets. If an error is returned, it has seen those before the bad row.</param>
    /// <param name="consumed">Bytes parsed. The rest is an unfinished line. Put it in front of the next chunk.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/> if there are no bytes. <see cref="SourceError.Truncated"/> if the last line has no
    /// newline. <see cref="SourceError.Malformed"/> for a line in another format. <see cref="SourceError.NumberOutOfRange"/>
    /// for an inode that is negative or too large, or for drops of more than 32 bits.
    /// </returns>
    public ParseError Parse<TVisitor>(ReadOnlySpan<byte> text, bool last, ref TVisitor visitor, out int consumed)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var lines = new TextCursor(text);
        var socket = default(TcpSocket);
        consumed = 0;
        while (!Stopped && lines.TryReadLine(out var line))
        {
            if (!_headerRead)
            {
                if (!line.TrimStart((byte)' ').StartsWith("sl  local_address "u8))
                {
                    return ParseError.Malformed(consumed);
                }

                _headerRead = true;
            }
            else
            {
                // Each branch is compiled for its own width, so the fixed columns need no bounds checks.
                var error = _addressDigits == IPv4Digits
                    ? ParseRow(line, IPv4Digits, ref socket)
                    : ParseRow(line, IPv6Digits, ref socket);
                if (_isUdp && error == SourceError.None)
                {
                    error = ReadDrops(line, ref socket);
                }

                if (error != SourceError.None)
                {
                    return new ParseError(error, consumed);
                }

                Stopped = !visitor.Visit(in socket);
            }

            consumed = lines.Offset;
        }

        return last && !Stopped && !(_headerRead && lines.AtEnd) ? lines.MissingLine() : ParseError.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SourceError ParseRow(ReadOnlySpan<byte> line, int addressDigits, ref TcpSocket socket)
    {
        // "   1: "
        var start = 0;
        while (start < line.Length && line[start] == ' ')
        {
            start++;
        }

        var firstDigit = start;
        while (start < line.Length && char.IsAsciiDigit((char)line[start]))
        {
            start++;
        }

        var row = line[start..];
        var endpointLength = addressDigits + 6;
        if (start == firstDigit || row.Length < 2 + (2 * endpointLength) + 42)
        {
            return SourceError.Malformed;
        }

        // The vectors overlap, so none reaches beyond the columns. Each one puts the digits in the byte order of a
        // little-endian number. Unused places hold digits that are only validated.
        var endpoints = row[2..];
        var columns = endpoints[(2 * endpointLength)..];
        var valid = addressDigits == IPv4Digits
            ? ReadEndpoints4(endpoints, ref socket)
            : ReadEndpoints6(endpoints, ref socket);

        // "0A 00000000:00000000 00:00000000 00000000 "
        //  st tx_queue rx_queue tr tm->when retrnsmt
        var send = Vector128.Create(columns);
        var receive = Vector128.Create(columns[12..]);
        var rest = Vector128.Create(columns[26..]);
        valid &= Hex.Match(send, Vector128.Create("__ ________:____"u8));
        valid &= Hex.Match(receive, Vector128.Create("________ __:____"u8));
        valid &= Hex.Match(rest, Vector128.Create("______ ________ "u8));
        valid &= Hex.Decode(
            Vector128.Shuffle(send, Vector128.Create((byte)9, 10, 7, 8, 5, 6, 3, 4, 0, 1, 12, 13, 14, 15, 0, 1)),
            Vector128.Shuffle(receive, Vector128.Create((byte)6, 7, 4, 5, 2, 3, 0, 1, 9, 10, 12, 13, 14, 15, 0, 1)),
            out var bytes);
        valid &= Hex.AreDigits(Vector128.Shuffle(rest, Vector128.Create((byte)0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 0, 1)));
        if (valid != Vector128<byte>.AllBitsSet || row[0] != ':' || row[1] != ' ')
        {
            return SourceError.Malformed;
        }

        var first = bytes.AsUInt64().GetElement(0);
        var second = bytes.AsUInt64().GetElement(1);
        socket.SendQueue = (uint)first;
        socket.State = (TcpState)(byte)(first >> 32);
        socket.ReceiveQueue = (uint)second;
        socket.Timer = (byte)(second >> 32);
        socket.Retransmits = Hex.Byte(columns[39], columns[40]);
        return ReadInode(columns[42..], out socket.Inode);
    }

    /// <summary>Reads "0100007F:9623 00000000:0000 ".</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ReadEndpoints4(ReadOnlySpan<byte> text, ref TcpSocket socket)
    {
        var local = Vector128.Create(text);
        var remote = Vector128.Create(text[14..]);
        var order = Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 9, 10, 0, 1, 2, 3);
        var valid = Hex.Decode(Vector128.Shuffle(local, order), Vector128.Shuffle(remote, order), out var bytes);
        var first = bytes.AsUInt64().GetElement(0);
        var second = bytes.AsUInt64().GetElement(1);
        socket.LocalAddress = IpAddress.FromIPv4((uint)first);
        socket.LocalPort = (ushort)(first >> 32);
        socket.RemoteAddress = IpAddress.FromIPv4((uint)second);
        socket.RemotePort = (ushort)(second >> 32);
        var pattern = Vector128.Create("________:____ __"u8);
        return valid & Hex.Match(local, pattern) & Hex.Match(remote, pattern);
    }

    /// <summary>Reads the same with 32 digits per address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ReadEndpoints6(ReadOnlySpan<byte> text, ref TcpSocket socket)
    {
        var valid = ReadAddress6(text, out socket.LocalAddress) & ReadAddress6(text[38..], out socket.RemoteAddress);
        var local = Vector128.Create(text[22..]);
        var remote = Vector128.Create(text[60..]);
        var order = Vector128.Create((byte)13, 14, 11, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1);
        valid &= Hex.Decode(Vector128.Shuffle(local, order), Vector128.Shuffle(remote, order), out var bytes);
        socket.LocalPort = bytes.AsUInt16().GetElement(0);
        socket.RemotePort = bytes.AsUInt16().GetElement(4);
        var pattern = Vector128.Create("__________:____ "u8);
        return valid & Hex.Match(local, pattern) & Hex.Match(remote, pattern);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ReadAddress6(ReadOnlySpan<byte> text, out IpAddress address)
    {
        // each word is printed last byte first, and the first word is the most significant
        var order = Vector128.Create((byte)8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
        var valid = Hex.Decode(
            Vector128.Shuffle(Vector128.Create(text), order),
            Vector128.Shuffle(Vector128.Create(text[16..]), order),
            out var bytes);
        address = IpAddress.FromIPv6(bytes.AsUInt64().GetElement(0), bytes.AsUInt64().GetElement(1));
        return valid;
    }

    /// <summary>Skips uid and timeout, which are not used, and reads the inode after them: " 1000    0 80655 1 …".</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SourceError ReadInode(ReadOnlySpan<byte> text, out ulong inode)
    {
        // Finds all word boundaries at once, as bits, if the inode ends within two vectors. Loops over variable widths would
        // cost as much as the whole row before them.
        const int reach = 32;
        if (text.Length >= reach)
        {
            var blanks = Blanks(text) | (Blanks(text[16..]) << 16);
            var starts = ~blanks & ((blanks << 1) | 1);
            starts &= starts - 1;
            starts &= starts - 1;
            var start = BitOperations.TrailingZeroCount(starts);
            var end = BitOperations.TrailingZeroCount(blanks & (ulong.MaxValue << start));
            if (end < reach && Number.TryParseEnd(text[..end], end - start, out inode))
            {
                return SourceError.None;
            }
        }

        return ReadInodeByWords(text, out inode);
    }

    /// <summary>Reads the last word of a udp row, after the inode: " 80655 2 00000000af89dc7d 12".</summary>
    private static SourceError ReadDrops(ReadOnlySpan<byte> line, ref TcpSocket socket)
    {
        line = line.TrimEnd((byte)' ');
        var error = Number.Parse(line[(line.LastIndexOf((byte)' ') + 1)..], out ulong drops);
        socket.Drops = (uint)drops;
        socket.HasDrops = true;
        return error == SourceError.None && drops > uint.MaxValue ? SourceError.NumberOutOfRange : error;
    }

    /// <summary>Returns one bit for each of the first sixteen bytes, set if the byte is a blank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Blanks(ReadOnlySpan<byte> text)
    {
        var bytes = Vector128.Create(text);
        return (Vector128.Equals(bytes, Vector128.Create((byte)' ')) | Vector128.Equals(bytes, Vector128.Create((byte)'\t'))).ExtractMostSignificantBits();
    }

    private static SourceError ReadInodeByWords(ReadOnlySpan<byte> text, out ulong inode)
    {
        var words = new TextCursor(text);
        if (words.TryReadWord(out _) && words.TryReadWord(out _) && words.TryReadWord(out var word))
        {
            return Number.Parse(word, out inode);
        }

        inode = 0;
        return SourceError.Malformed;
    }
}
