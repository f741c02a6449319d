using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Hands sockets on until the daemon is to end: a dump of a million of them must not hold that up.</summary>
/// <param name="inner">Takes the sockets.</param>
/// <param name="stopping">When to stop. What was read until then is no sample, and the caller is to publish nothing.</param>
/// <typeparam name="TVisitor">A struct, so that the call is inlined; it keeps what it takes elsewhere.</typeparam>
internal readonly struct Stoppable<TVisitor>(TVisitor inner, CancellationToken stopping) : ITcpSocketVisitor
    where TVisitor : struct, ITcpSocketVisitor
{
    /// <inheritdoc/>
    public bool Visit(in TcpSocket socket) => !stopping.IsCancellationRequested && inner.Visit(in socket);
}
