using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Passes sockets on until the daemon is about to stop, because a dump of a million sockets must not delay that.
/// </summary>
/// <param name="inner">Receives the sockets.</param>
/// <param name="stopping">When to stop. What was read until then is incomplete, and the caller must not publish it.</param>
/// <typeparam name="TVisitor">A struct, so the call is inlined. It stores its data elsewhere.</typeparam>
internal readonly struct Stoppable<TVisitor>(TVisitor inner, CancellationToken stopping) : ITcpSocketVisitor
    where TVisitor : struct, ITcpSocketVisitor
{
    /// <inheritdoc/>
    public bool Visit(in TcpSocket socket) => !stopping.IsCancellationRequested && inner.Visit(in socket);
}
