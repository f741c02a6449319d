namespace TcpStatExporter.Sampling;

/// <summary>What a listener had discarded and lost at some time.</summary>
/// <param name="Identity">The listener: the same object as in every sample.</param>
/// <param name="Drops">Packets discarded since it was first seen.</param>
/// <param name="Lost">Connections lost since it was first seen.</param>
internal readonly record struct ListenerDrops(ListenerIdentity Identity, ulong Drops, ulong Lost);
