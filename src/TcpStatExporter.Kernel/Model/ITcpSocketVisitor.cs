namespace TcpStatExporter.Kernel.Model;

/// <summary>Receives sockets one by one as a parser reads them. Implemented by structs, so the call is inlined.</summary>
public interface ITcpSocketVisitor
{
    /// <summary>Receives one socket.</summary>
    /// <param name="socket">The socket. Valid only during the call.</param>
    /// <returns>False to stop.</returns>
    bool Visit(in TcpSocket socket);
}
