namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>The state of a dump after one datagram.</summary>
public enum ReplyStatus : byte
{
    /// <summary>The dump continues in the next datagram.</summary>
    More = 0,

    /// <summary>The dump is complete.</summary>
    Done,

    /// <summary>The kernel ended the dump with an error.</summary>
    Error,

    /// <summary>The bytes are not what the kernel sends.</summary>
    Malformed,

    /// <summary>The visitor asked to stop.</summary>
    Stopped,
}
