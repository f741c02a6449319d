namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>What is wrong with a malformed reply.</summary>
public enum ReplyFault : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The datagram ends inside a message header.</summary>
    HeaderCut,

    /// <summary>A message says that it is shorter than its header.</summary>
    MessageTooShort,

    /// <summary>A message says that it is longer than the rest of the datagram.</summary>
    MessageCut,

    /// <summary>A socket, error or end message is shorter than its fixed part.</summary>
    BodyCut,

    /// <summary>An attribute says that it is shorter than its header (0 among others).</summary>
    AttributeTooShort,

    /// <summary>An attribute says that it is longer than the rest of its message.</summary>
    AttributeCut,
}
