using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Connections whose local end is one listener.</summary>
internal struct SweepListener
{
    /// <summary>The listener's name.</summary>
    public ListenerIdentity Identity;

    /// <summary>Its connections by state.</summary>
    public TcpStateCounts Connections;
}
