using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>Takes the lengths of the accept queues from a dump of the listeners.</summary>
/// <param name="listeners">Receives them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly struct QueueLengths(ListenerTable listeners) : ITcpSocketVisitor
{
    /// <inheritdoc/>
    public bool Visit(in TcpSocket socket)
    {
        listeners.AddQueueLength(in socket);
        return true;
    }
}
