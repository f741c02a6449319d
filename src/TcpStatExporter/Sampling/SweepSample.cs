using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>The result of a sweep over all sockets.</summary>
/// <param name="parts">Receives the lists that are copied.</param>
internal sealed class SweepSample(Parts parts) : Leased
{
    private readonly Parts _parts = parts;
    private Values _values = new();

    /// <summary>Creates an empty sample.</summary>
    public SweepSample()
        : this(new Parts())
    {
    }

    /// <summary>Status of the last sweep.</summary>
    public ref ReadResult Status => ref _values.Status;

    /// <summary>When it ended, in Unix milliseconds.</summary>
    public ref long UnixMilliseconds => ref _values.UnixMilliseconds;

    /// <summary>Local ports in the ephemeral range that IPv4 sockets use, including v4-mapped ones.</summary>
    public ref int PortsUsedIPv4 => ref _values.PortsUsedIPv4;

    /// <summary>The same for IPv6.</summary>
    public ref int PortsUsedIPv6 => ref _values.PortsUsedIPv6;

    /// <summary>Number of ports in the range, without reserved ones. −1 if the range is unknown.</summary>
    public ref int PortsLimit => ref _values.PortsLimit;

    /// <summary>The destination that uses the most local ports.</summary>
    public ref Destination Busiest => ref _values.Busiest;

    /// <summary>Local ports that it uses. 0 if there is no outgoing connection.</summary>
    public ref int BusiestPortsUsed => ref _values.BusiestPortsUsed;

    /// <summary>
    /// The destination with the fewest free local ports for connect(2). Not the busiest one if ports in TIME_WAIT can be
    /// reused.
    /// </summary>
    public ref DestinationPorts Scarcest => ref _values.Scarcest;

    /// <summary>The unit that holds most ports of <see cref="Scarcest"/>. Empty if unknown.</summary>
    public ref string ScarcestUnit => ref _values.ScarcestUnit;

    /// <summary>
    /// <see cref="Scarcest"/> and <see cref="ScarcestUnit"/> as text. The same object as long as neither changes. Null before
    /// the first sweep.
    /// </summary>
    public ref DestinationName? ScarcestName => ref _values.ScarcestName;

    /// <summary>
    /// Time between the sweep before and this one, over which <see cref="Peers"/> is counted. Zero if that is not known: there
    /// was no sweep before, or the source does not report traffic.
    /// </summary>
    public ref TimeSpan TrafficTime => ref _values.TrafficTime;

    /// <summary>The source reports how long connections are idle, and there were some.</summary>
    public ref bool HasIdle => ref _values.HasIdle;

    /// <summary>
    /// Established connections to other hosts over which no packet came for longer than <see cref="SweepTally.LongIdle"/>, and
    /// that have no keepalive.
    /// </summary>
    public ref int IdleWithoutKeepalive => ref _values.IdleWithoutKeepalive;

    /// <summary>The same with a keepalive that starts later.</summary>
    public ref int IdleLateKeepalive => ref _values.IdleLateKeepalive;

    /// <summary>The services that this host has most of them open to, most first.</summary>
    public ValueList<PeerTraffic> IdlePeers { get; } = parts.Add(new ValueList<PeerTraffic>());

    /// <summary>The peers with most retransmitted bytes, most first.</summary>
    public ValueList<PeerTraffic> Peers { get; } = parts.Add(new ValueList<PeerTraffic>());

    /// <summary>Connections of each listener.</summary>
    public ValueList<SweepListener> Listeners { get; } = parts.Add(new ValueList<SweepListener>());

    /// <summary>Copies everything to <paramref name="other"/>.</summary>
    /// <param name="other">The sample to overwrite.</param>
    public void CopyTo(SweepSample other)
    {
        other._values = _values;
        _parts.CopyTo(other._parts);
    }

    /// <summary>All plain values. They are copied together.</summary>
    private struct Values
    {
        public ReadResult Status;
        public long UnixMilliseconds;
        public int PortsUsedIPv4, PortsUsedIPv6, PortsLimit, BusiestPortsUsed, IdleWithoutKeepalive, IdleLateKeepalive;
        public Destination Busiest;
        public DestinationPorts Scarcest;
        public string ScarcestUnit = "";
        public DestinationName? ScarcestName;
        public TimeSpan TrafficTime;
        public bool HasIdle;

        public Values()
        {
        }
    }
}
