namespace TcpStatExporter.View;

/// <summary>What was sent to one peer between the last two sweeps.</summary>
/// <param name="Name">Address, with the port if this host connects to it.</param>
/// <param name="Connections">Connections that sent something.</param>
/// <param name="Sent">Bytes sent, including retransmissions.</param>
/// <param name="Retransmitted">Bytes retransmitted.</param>
/// <param name="Ratio">Retransmitted bytes as a share of the bytes sent.</param>
/// <param name="RoundTrip">Mean smoothed round-trip time of the connections in seconds. Null if unknown.</param>
/// <param name="IsInTrouble">Enough was retransmitted for a metric.</param>
internal sealed record PeerView(string Name, int Connections, ulong Sent, ulong Retransmitted, double Ratio, double? RoundTrip, bool IsInTrouble);
