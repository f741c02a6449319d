namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>How far a datagram of a dump's reply took the reader.</summary>
public enum ReplyStatus : byte
{
    /// <summary>The dump goes on in the next datagram.</summary>
    More = 0,

    /// <summary>The dump is complete.</summary>
    Done,

    /// <summary>The kernel ended the dump with an error.</summary>
    Error,

    /// <summary>Bytes that are not what the kernel sends.</summary>
    Malformed,

    /// <summary>The visitor asked to stop.</summary>
    Stopped,
}
