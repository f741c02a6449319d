namespace TcpStatExporter.Kernel.SockDiag;

/// <summary>Takes the sockets of a reply, message by message. Implemented by structs, so that the call is inlined.</summary>
internal interface IMessageTaker
{
    /// <summary>Parses one socket and hands it on.</summary>
    /// <param name="body">The message without its header.</param>
    /// <param name="goesOn">False to stop reading.</param>
    /// <returns>What is wrong with it.</returns>
    ReplyFault Take(ReadOnlySpan<byte> body, out bool goesOn);
}
