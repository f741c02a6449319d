using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What a sweep over every socket found.</summary>
internal sealed class SweepSample : Leased
{
    /// <summary>Status of the last sweep.</summary>
    public ReadResult Status;

    /// <summary>When it ended, Unix time in milliseconds.</summary>
    public long UnixMilliseconds;

    /// <summary>Local ports inside the ephemeral range that sockets of IPv4 take, v4-mapped ones included.</summary>
    public int PortsUsedIPv4;

    /// <summary>The same of IPv6.</summary>
    public int PortsUsedIPv6;

    /// <summary>Ports that the range offers, reserved ones taken off; −1 where the range is not known.</summary>
    public int PortsLimit;

    /// <summary>The destination that takes most local ports.</summary>
    public Destination Busiest;

    /// <summary>Local ports that it takes; 0 where there is no outgoing connection.</summary>
    public int BusiestPortsUsed;

    /// <summary>The destination that leaves connect(2) fewest local ports: not the busiest where those in TIME_WAIT are taken over.</summary>
    public DestinationPorts Scarcest;

    /// <summary>The unit that holds most ports of <see cref="Scarcest"/>; empty where unknown.</summary>
    public string ScarcestUnit = "";

    /// <summary><see cref="Scarcest"/> and <see cref="ScarcestUnit"/> as text: the same object as long as both stay; null before the first sweep.</summary>
    public DestinationName? ScarcestName;

    /// <summary>Connections of each listener.</summary>
    public ValueList<SweepListener> Listeners { get; } = new();

    /// <summary>Makes <paramref name="other"/> hold the same.</summary>
    /// <param name="other">The sample to overwrite.</param>
    public void CopyTo(SweepSample other)
    {
        other.Status = Status;
        other.UnixMilliseconds = UnixMilliseconds;
        other.PortsUsedIPv4 = PortsUsedIPv4;
        other.PortsUsedIPv6 = PortsUsedIPv6;
        other.PortsLimit = PortsLimit;
        other.Busiest = Busiest;
        other.BusiestPortsUsed = BusiestPortsUsed;
        other.Scarcest = Scarcest;
        other.ScarcestUnit = ScarcestUnit;
        other.ScarcestName = ScarcestName;
        Listeners.CopyTo(other.Listeners);
    }
}
