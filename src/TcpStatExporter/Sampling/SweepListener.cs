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

    /// <summary>Those of them that are idle for longer than <see cref="SweepTally.LongIdle"/> and have no keepalive.</summary>
    public int IdleWithoutKeepalive;

    /// <summary>Idle time after which the server closes its connections, in seconds. 0 if none shows.</summary>
    public double IdleTimeout;

    /// <summary>Closes that showed it.</summary>
    public int IdleCloses;

    /// <summary>Connections that were idle for longer at this sweep.</summary>
    public int IdleLonger;
}
