namespace TcpStatExporter.Sampling;

/// <summary>What a listener had dropped at some time.</summary>
/// <param name="Identity">The listener: the same object as in every sample.</param>
/// <param name="Drops">Packets dropped since it was known.</param>
internal readonly record struct ListenerDrops(ListenerIdentity Identity, ulong Drops);
