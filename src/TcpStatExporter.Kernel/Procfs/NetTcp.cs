using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Text;

namespace TcpStatExporter.Kernel.Procfs;

// /proc/net/tcp, printed by tcp4_seq_show (net/ipv4/tcp_ipv4.c):
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//    1: 0100007F:9623 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 80655 1 00000000af89dc7d 100 0 0 10 0
// /proc/net/tcp6, printed by tcp6_seq_show (net/ipv6/tcp_ipv6.c): the same with 32 digits an address.
//
// - The formats of a socket, a request socket and a TIME_WAIT minisocket differ only after the inode, which is 0 for
//   the latter two; what follows the inode is not read, so kernels may add columns.
// - The columns up to retrnsmt have a fixed width, the number of the row (%4d) excepted. tm->when is an unsigned long,
//   yet 8 digits are 497 days of clock ticks, and no timer runs that long. From the uid on, widths vary.
// - An address is printed as 32-bit words of network-order bytes read in host order: 127.0.0.1 is 0100007F on a
//   little-endian machine, which is all that CoreCLR runs on.
// - Rows of tcp are padded with spaces to 149 bytes, those of tcp6 are not.
// - Listeners come first, from a table of their own.

/// <summary>
/// Parses <c>/proc/net/tcp</c> or <c>/proc/net/tcp6</c> chunk by chunk, in constant memory. A mutable value that
/// remembers, between chunks, that the header line was read: begin each pass over the file with a new one.
/// </summary>
public struct NetTcp
{
    private const int IPv4Digits = 8;
    private const int IPv6Digits = 32;

    private readonly int _addressDigits;
    private bool _headerRead;

    /// <summary>Begins a pass over a file.</summary>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for tcp, <see cref="IpFamily.IPv6"/> for tcp6.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another family.</exception>
    public NetTcp(IpFamily family)
    {
        _addressDigits = family switch
        {
            IpFamily.IPv4 => IPv4Digits,
            IpFamily.IPv6 => IPv6Digits,
            _ => throw new ArgumentOutOfRangeException(nameof(family)),
        };
    }

    /// <summary>The visitor wanted no more: there is no use in a further chunk.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Parses the whole lines of a chunk and hands each socket to the visitor, in the kernel's order.</summary>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    /// <param name="text">What was left over of the chunk before, followed by new bytes.</param>
    /// <param name="last">No bytes follow; a line that is not finished is then an error.</param>
    /// <param name="visitor">Takes the sockets. It has seen those before the row at fault when an error is returned.</param>
    /// <param name="consumed">Bytes parsed. The rest, a line not finished yet, belongs in front of the next chunk.</param>
    /// <returns>
    /// <see cref="SourceError.Empty"/> for no byte at all, <see cref="SourceError.Truncated"/> for a last line without
    /// newline, <see cref="SourceError.Malformed"/> for a line of another form,
    /// <see cref="SourceError.NumberOutOfRange"/> for an inode that is negative or too large.
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
                if (!line.StartsWith("  sl  local_address "u8))
                {
                    return ParseError.Malformed(consumed);
                }

                _headerRead = true;
            }
            else
            {
                // Each call is compiled for its width, and so without bounds checks on the fixed columns.
                var error = _addressDigits == IPv4Digits
                    ? ParseRow(line, IPv4Digits, ref socket)
                    : ParseRow(line, IPv6Digits, ref socket);
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

        var fault = Hex.Differ(row[0], ':') | Hex.Differ(row[1], ' ');

        // "0100007F:9623 00000000:0000 "
        var local = row.Slice(2, endpointLength);
        var remote = row.Slice(2 + endpointLength, endpointLength);
        if (addressDigits == IPv4Digits)
        {
            fault |= ReadEndpoint4(local, out socket.LocalAddress, out socket.LocalPort);
            fault |= ReadEndpoint4(remote, out socket.RemoteAddress, out socket.RemotePort);
        }
        else
        {
            fault |= ReadEndpoint6(local, out socket.LocalAddress, out socket.LocalPort);
            fault |= ReadEndpoint6(remote, out socket.RemoteAddress, out socket.RemotePort);
        }

        // "0A 00000000:00000000 00:00000000 00000000 "
        var columns = row[(2 + (2 * endpointLength))..];
        fault |= Hex.Read2(columns, out var state) | Hex.Differ(columns[2], ' ');
        fault |= Hex.Read8(columns[3..], out socket.SendQueue) | Hex.Differ(columns[11], ':');
        fault |= Hex.Read8(columns[12..], out socket.ReceiveQueue) | Hex.Differ(columns[20], ' ');
        fault |= Hex.Read2(columns[21..], out socket.Timer) | Hex.Differ(columns[23], ':');
        fault |= Hex.Read8(columns[24..], out _) | Hex.Differ(columns[32], ' ');
        fault |= Hex.Read8(columns[33..], out _) | Hex.Differ(columns[41], ' ');
        if (fault != 0)
        {
            return SourceError.Malformed;
        }

        socket.State = (TcpState)state;
        return ReadInode(columns[42..], out socket.Inode);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadEndpoint4(ReadOnlySpan<byte> text, out IpAddress address, out ushort port)
    {
        var fault = Hex.Read8(text, out var word);
        fault |= Hex.Read4(text[9..], out port);
        address = IpAddress.FromIPv4(BinaryPrimitives.ReverseEndianness(word));
        return fault | Hex.Differ(text[8], ':') | Hex.Differ(text[13], ' ');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadEndpoint6(ReadOnlySpan<byte> text, out IpAddress address, out ushort port)
    {
        var fault = Hex.Read32(text[..32], out var first, out var second);
        fault |= Hex.Read4(text[33..], out port);
        address = IpAddress.FromIPv6(BitOperations.RotateLeft(first, 32), BitOperations.RotateLeft(second, 32));
        return fault | Hex.Differ(text[32], ':') | Hex.Differ(text[37], ' ');
    }

    /// <summary>Passes uid and timeout, which are not used, and reads the inode after them.</summary>
    private static SourceError ReadInode(ReadOnlySpan<byte> text, out ulong inode)
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
