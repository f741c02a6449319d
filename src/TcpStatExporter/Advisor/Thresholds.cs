using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>Thresholds that the rules share with the judgement of other network namespaces.</summary>
internal static class Thresholds
{
    /// <summary>Up to this many connections in CLOSE_WAIT are normal, whatever their share.</summary>
    public const long CloseWait = 20;

    /// <summary>Up to this share of the open connections, CLOSE_WAIT is normal.</summary>
    public const double CloseWaitShare = 0.05;

    /// <summary>In seconds. An application that closes its connections needs less from read(2) to close(2).</summary>
    public const double CloseWaitStay = 0.5;

    /// <summary>Fewer connects without an answer are normal: a single one may be a person at a keyboard.</summary>
    public const long UnansweredConnects = 3;

    /// <summary>Up to this share of the ephemeral ports, what one destination uses is normal.</summary>
    public const double PortsOfOneDestination = 0.8;

    /// <summary>Up to this share of the sent segments, retransmissions are normal.</summary>
    public const double RetransmittedShare = PeerTraffic.HighRatio;
}
