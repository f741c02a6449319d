namespace TcpStatExporter.Sampling;

/// <summary>What was sent to one peer between two sweeps, over connections that were open at both.</summary>
internal struct PeerTraffic
{
    /// <summary>Up to this share of the sent bytes, retransmissions are normal.</summary>
    public const double HighRatio = 0.05;

    /// <summary>Fewer retransmitted bytes are normal, whatever their share: about eleven full segments.</summary>
    private const ulong FewestBytes = 16 * 1024;

    /// <summary>The peer.</summary>
    public PeerName Peer;

    /// <summary>What was sent.</summary>
    public Traffic Traffic;

    /// <summary>Connections that sent something.</summary>
    public int Connections;

    /// <summary>Mean of their smoothed round-trip times in seconds. NaN if it is not known.</summary>
    public double RoundTripSeconds;

    /// <summary>Much of what was sent had to be sent again.</summary>
    public readonly bool IsInTrouble => Traffic.Retransmitted >= FewestBytes && Traffic.RetransmittedRatio > HighRatio;
}
