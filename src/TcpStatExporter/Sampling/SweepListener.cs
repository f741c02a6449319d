using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Connections whose local endpoint is one listener.</summary>
internal struct SweepListener
{
    /// <summary>The listener's name.</summary>
    public ListenerIdentity Identity;

    /// <summary>Its connections by state.</summary>
    public TcpStateCounts Connections;

    /// <summary>
    /// Connections among them that a process holds and whose receive queue had bytes in this sweep and in the previous one.
    /// </summary>
    public int Unread;
}
