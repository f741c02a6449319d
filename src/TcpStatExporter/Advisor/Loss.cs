using TcpStatExporter.Sampling;

namespace TcpStatExporter.Advisor;

/// <summary>What a finding counts as lost, of one listener or of the host.</summary>
/// <param name="Listener">The listener; none for the host.</param>
/// <param name="Recent">In the last seconds.</param>
/// <param name="Total">Since it is watched, or since boot: it never goes back.</param>
internal readonly record struct Loss(ListenerIdentity? Listener, ulong Recent, ulong Total);
