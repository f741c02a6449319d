namespace TcpStatExporter.Sampling;

/// <summary>
/// The other end of connections, as an operator looks for it: address and port of a service that this host connects to
/// ("10.0.0.2:5432"), the address alone of a client, whose ports change all the time ("203.0.113.5").
/// </summary>
/// <param name="Text">The name.</param>
internal sealed record PeerName(string Text);
