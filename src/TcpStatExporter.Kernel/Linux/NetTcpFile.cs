using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Reads <c>/proc/net/tcp</c>, <c>tcp6</c>, <c>udp</c> or <c>udp6</c> in chunks. Memory stays constant for any number of
/// sockets, and nothing is allocated. Not thread-safe.
/// </summary>
public sealed class NetTcpFile : IDisposable
{
    /// <summary>
    /// A file larger than this is treated as endless: 4 GiB, about 28 million rows. A table of two million sockets is about
    /// 300 MB.
    /// </summary>
    public const long DefaultLimit = 4L << 30;

    // The kernel returns one page per read, whatever the buffer size. This buffer holds several pages, and no line is longer
    // than a tenth of a page.
    private const int BufferLength = 16 * 1024;

    // No row can be longer, even if every number in it were as large as its type allows (280 bytes in tcp6).
    private const int LongestRow = 320;

    private readonly ProcFile _file;
    private readonly IpFamily _family;
    private readonly bool _isUdp;
    private readonly long _limit;
    private readonly byte[] _buffer = new byte[BufferLength];

    /// <summary>Sets the path. The first read opens the file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for tcp, <see cref="IpFamily.IPv6"/> for tcp6.</param>
    /// <param name="limit">A file with more bytes than this is refused.</param>
    /// <param name="within">The network namespace to open it in. Default: that of the calling thread.</param>
    /// <param name="isUdp">True for udp or udp6.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another family.</exception>
    public NetTcpFile(string path, IpFamily family, long limit = DefaultLimit, NetNamespace? within = null, bool isUdp = false)
    {
        _ = new NetTcp(family);
        _isUdp = isUdp;
        _file = new ProcFile(path, within: within);
        _family = family;
        _limit = limit;
    }

    /// <summary>Path of the file.</summary>
    public string Path => _file.Path;

    /// <summary>Passes every socket in the file to the visitor, in the kernel's order, until the visitor stops.</summary>
    /// <typeparam name="TVisitor">A struct, so the call is inlined.</typeparam>
    /// <param name="visitor">Receives the sockets. After an error it has seen only some of them. Do not count those.</param>
    /// <returns>
    /// The errors of <see cref="ProcFile.Read"/> and of <see cref="NetTcp.Parse"/>. <see cref="SourceError.Malformed"/> for a
    /// line longer than any the kernel prints. <see cref="SourceError.TooLarge"/> above the limit.
    /// </returns>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public ReadResult Read<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var result = _file.Open();
        if (!result.IsOk)
        {
            return result;
        }

        try
        {
            result = ReadToEnd(ref visitor);
        }
        finally
        {
            _file.Close(keep: result.IsOk);
        }

        return result;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private ReadResult ReadToEnd<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var parser = new NetTcp(_family, _isUdp);
        var pending = 0;
        long offset = 0;
        bool ended;
        do
        {
            if (pending == _buffer.Length)
            {
                return ReadResult.Failed(SourceError.Malformed);
            }

            if (offset >= _limit)
            {
                return ReadResult.Failed(SourceError.TooLarge);
            }

            var free = _buffer.AsSpan(pending);
            var result = _file.ReadAt(free, offset, out var count);
            if (!result.IsOk)
            {
                return result;
            }

            ended = HasEnded(count, free.Length);
            offset += count;
            pending += count;
            var error = parser.Parse(_buffer.AsSpan(0, pending), last: ended, ref visitor, out var consumed);
            if (!error.IsNone)
            {
                return error.ToReadResult();
            }

            _buffer.AsSpan(consumed, pending - consumed).CopyTo(_buffer);
            pending -= consumed;
        }
        while (!ended && !parser.Stopped);

        return ReadResult.Ok;
    }

    /// <summary>
    /// Returns true if the kernel found no further row, or if the next row would have fitted into the page. Reading until a
    /// read returns nothing would double the cost: to find that nothing is left, tcp_seq_start (net/ipv4/tcp_ipv4.c) counts
    /// all rows from the first one. And if rows were added meanwhile, the kernel repeats as many of the last ones, again and
    /// again while the table grows.
    /// </summary>
    private static bool HasEnded(int count, int asked) => count == 0 || count < Math.Min(asked, Environment.SystemPageSize) - LongestRow;
}
