using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Connections whose local end is one listener.</summary>
internal struct SweepListener
{
    /// <summary>The listener's name.</summary>
    public ListenerIdentity Identity;

    /// <summary>Its connections by state.</summary>
    public TcpStateCounts Connections;

    /// <summary>Those of them that a process holds and whose receive queue held bytes at this sweep and at the one before.</summary>
    public int Unread;
}
