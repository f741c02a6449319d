namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>What is wrong with a malformed reply.</summary>
public enum ReplyFault : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The datagram ends inside a message header.</summary>
    HeaderCut,

    /// <summary>The length of a message is less than its header.</summary>
    MessageTooShort,

    /// <summary>The length of a message is more than the rest of the datagram.</summary>
    MessageCut,

    /// <summary>A socket, error or end message is shorter than its fixed part.</summary>
    BodyCut,

    /// <summary>The length of an attribute is less than its header (for example 0).</summary>
    AttributeTooShort,

    /// <summary>The length of an attribute is more than the rest of its message.</summary>
    AttributeCut,
}
