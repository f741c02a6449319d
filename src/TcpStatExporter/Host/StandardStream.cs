using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using static TcpStatExporter.Host.Libc;

namespace TcpStatExporter.Host;

/// <summary>
/// Standard output or standard error. The framework's own console hides that the reader of a pipe has gone. This stream
/// reports every failed write.
/// </summary>
/// <param name="descriptor">The descriptor. It stays open.</param>
internal sealed class StandardStream(int descriptor) : Stream
{
    /// <summary>Descriptor of standard output.</summary>
    public const int Output = 1;

    /// <summary>Descriptor of standard error.</summary>
    public const int Error = 2;

    private const int BrokenPipe = 13;
    private const nint Ignore = 1;

    static StandardStream() =>
        // if the reader has gone, report an error (EPIPE). The process must not die, whatever the runtime sets up
        _ = SetSignal(BrokenPipe, Ignore);

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Returns a UTF-8 writer without a buffer.</summary>
    /// <param name="descriptor">The descriptor.</param>
    public static TextWriter Writer(int descriptor) => new StreamWriter(new StandardStream(descriptor)) { AutoFlush = true };

    /// <inheritdoc/>
    /// <exception cref="StandardStreamException">The bytes could not all be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var count = WriteBytes(descriptor, buffer, (nuint)buffer.Length);
            if (count >= 0)
            {
                buffer = buffer[(int)count..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN:
                    // another process that shares the pipe has made it non-blocking
                    var poll = new PollFd { Descriptor = descriptor, Events = PollOut };
                    _ = Poll(ref poll, 1, Timeout.Infinite);
                    break;
                case var errno:
                    throw new StandardStreamException(descriptor, errno);
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
