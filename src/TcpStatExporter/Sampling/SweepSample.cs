using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>The result of a sweep over all sockets.</summary>
internal sealed class SweepSample : Leased
{
    /// <summary>Status of the last sweep.</summary>
    public ReadResult Status;

    /// <summary>When it ended, in Unix milliseconds.</summary>
    public long UnixMilliseconds;

    /// <summary>Local ports in the ephemeral range that IPv4 sockets use, including v4-mapped ones.</summary>
    public int PortsUsedIPv4;

    /// <summary>The same for IPv6.</summary>
    public int PortsUsedIPv6;

    /// <summary>Number of ports in the range, without reserved ones. −1 if the range is unknown.</summary>
    public int PortsLimit;

    /// <summary>The destination that uses the most local ports.</summary>
    public Destination Busiest;

    /// <summary>Local ports that it uses. 0 if there is no outgoing connection.</summary>
    public int BusiestPortsUsed;

    /// <summary>
    /// The destination with the fewest free local ports for connect(2). Not the busiest one if ports in TIME_WAIT can be
    /// reused.
    /// </summary>
    public DestinationPorts Scarcest;

    /// <summary>The unit that holds most ports of <see cref="Scarcest"/>. Empty if unknown.</summary>
    public string ScarcestUnit = "";

    /// <summary>
    /// <see cref="Scarcest"/> and <see cref="ScarcestUnit"/> as text. The same object as long as neither changes. Null before
    /// the first sweep.
    /// </summary>
    public DestinationName? ScarcestName;

    /// <summary>
    /// Time between the sweep before and this one, over which <see cref="Peers"/> is counted. Zero if that is not known: there
    /// was no sweep before, or the source does not report traffic.
    /// </summary>
    public TimeSpan TrafficTime;

    /// <summary>The source reports how long connections are idle, and there were some.</summary>
    public bool HasIdle;

    /// <summary>
    /// Established connections to other hosts over which no packet came for longer than <see cref="SweepTally.LongIdle"/>, and
    /// that have no keepalive.
    /// </summary>
    public int IdleWithoutKeepalive;

    /// <summary>The same with a keepalive that starts later.</summary>
    public int IdleLateKeepalive;

    /// <summary>The services that this host has most of them open to, most first.</summary>
    public ValueList<PeerTraffic> IdlePeers { get; } = new();

    /// <summary>The peers with most retransmitted bytes, most first.</summary>
    public ValueList<PeerTraffic> Peers { get; } = new();

    /// <summary>Connections of each listener.</summary>
    public ValueList<SweepListener> Listeners { get; } = new();

    /// <summary>Copies everything to <paramref name="other"/>.</summary>
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
        other.TrafficTime = TrafficTime;
        other.HasIdle = HasIdle;
        other.IdleWithoutKeepalive = IdleWithoutKeepalive;
        other.IdleLateKeepalive = IdleLateKeepalive;
        IdlePeers.CopyTo(other.IdlePeers);
        Peers.CopyTo(other.Peers);
        Listeners.CopyTo(other.Listeners);
    }
}
