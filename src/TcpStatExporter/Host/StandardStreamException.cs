using System.Runtime.InteropServices;

namespace TcpStatExporter.Host;

/// <summary>
/// Standard output or standard error could not be written: the device is full, or the reader of the pipe has gone.
/// </summary>
internal sealed class StandardStreamException : IOException
{
    private const int BrokenPipe = 32;

    /// <summary>Creates the exception for a failed write.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="errno">The kernel's error.</param>
    public StandardStreamException(int descriptor, int errno)
        : base($"standard {(descriptor == StandardStream.Error ? "error" : "output")}: {Marshal.GetPInvokeErrorMessage(errno)}") =>
        IsPipeClosed = errno == BrokenPipe;

    /// <inheritdoc/>
    public StandardStreamException()
    {
    }

    /// <inheritdoc/>
    public StandardStreamException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public StandardStreamException(string message, int hresult)
        : base(message, hresult)
    {
    }

    /// <inheritdoc/>
    public StandardStreamException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The reader of the pipe has gone (EPIPE).</summary>
    public bool IsPipeClosed { get; }
}
