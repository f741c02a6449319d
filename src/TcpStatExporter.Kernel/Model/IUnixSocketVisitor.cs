namespace TcpStatExporter.Kernel.Model;

/// <summary>Takes AF_UNIX sockets one by one as a parser meets them. Implemented by structs, so that the call is inlined.</summary>
public interface IUnixSocketVisitor
{
    /// <summary>Takes one socket.</summary>
    /// <param name="socket">The socket; valid only during the call.</param>
    /// <returns>False to stop reading.</returns>
    bool Visit(in UnixSocket socket);
}
