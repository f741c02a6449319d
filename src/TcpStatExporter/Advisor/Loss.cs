using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What a finding counts as lost, for one listener or for the host.</summary>
/// <param name="Listener">The listener. Null for the host.</param>
/// <param name="Recent">In the last seconds.</param>
/// <param name="Total">Since it is watched, or since boot. Never decreases.</param>
internal readonly record struct Loss(ListenerIdentity? Listener, ulong Recent, ulong Total);
