using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// <c>/proc/net/tcp</c> or <c>/proc/net/tcp6</c>, or <c>udp</c> or <c>udp6</c>, read and parsed chunk by chunk: constant memory whatever the number of
/// sockets, and no allocation. Not for use by several threads at once.
/// </summary>
public sealed class NetTcpFile : IDisposable
{
    /// <summary>
    /// Bytes after which a file is taken to have no end: 4 GiB, some 28 million rows. A table of two million sockets is
    /// about 300 MB.
    /// </summary>
    public const long DefaultLimit = 4L << 30;

    // The kernel hands out one page a read, whatever the buffer: this is some pages, and no line is a tenth of one.
    private const int BufferLength = 16 * 1024;

    // No row is longer, were every number in it as large as its type allows (280 bytes in tcp6).
    private const int LongestRow = 320;

    private readonly ProcFile _file;
    private readonly IpFamily _family;
    private readonly bool _isUdp;
    private readonly long _limit;
    private readonly byte[] _buffer = new byte[BufferLength];

    /// <summary>Names the file; it is opened by the first read.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for tcp, <see cref="IpFamily.IPv6"/> for tcp6.</param>
    /// <param name="limit">Bytes from which on the file is refused.</param>
    /// <param name="within">The network namespace to open it in; by default that of the calling thread.</param>
    /// <param name="isUdp">The file is udp or udp6.</param>
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

    /// <summary>Hands every socket in the file to the visitor, in the kernel's order, until it wants no more.</summary>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    /// <param name="visitor">Takes the sockets. After an error it has seen some of them, which count for nothing.</param>
    /// <returns>
    /// The errors of <see cref="ProcFile.Read"/> and of <see cref="NetTcp.Parse"/>; <see cref="SourceError.Malformed"/>
    /// for a line that is longer than any the kernel prints; <see cref="SourceError.TooLarge"/> beyond the limit.
    /// </returns>
    /// <exception cref="ObjectDisposedException">Disposed.</exception>
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
    /// The kernel found no further row, or it would have fitted into the page. To read on until a read gives nothing
    /// costs as much again: to find that nothing is left, tcp_seq_start (net/ipv4/tcp_ipv4.c) counts all rows from the
    /// first. And if some came meanwhile, as many of the last are told once more, again and again for as long as the
    /// table grows.
    /// </summary>
    private static bool HasEnded(int count, int asked) => count == 0 || count < Math.Min(asked, Environment.SystemPageSize) - LongestRow;
}
