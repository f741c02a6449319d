namespace TcpStatExporter.Sampling;

/// <summary>A destination as text, and who connects to it.</summary>
/// <param name="Source">Local address: "10.0.0.1".</param>
/// <param name="Destination">Remote address and port: "10.0.0.2:5432".</param>
/// <param name="Unit">systemd unit or container that owns most of the connections. Empty if unknown.</param>
internal sealed record DestinationName(string Source, string Destination, string Unit);
