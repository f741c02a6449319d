using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What tells listeners apart: sockets that have all of it in common are one SO_REUSEPORT group.</summary>
/// <param name="Address">Address that they are bound to.</param>
/// <param name="Port">Port that they are bound to.</param>
/// <param name="Device">Interface, VRF or scope that they are bound to; empty for most.</param>
/// <param name="Unit">systemd unit or container that owns them; empty where unknown.</param>
internal readonly record struct ListenerKey(IpAddress Address, ushort Port, string Device, string Unit);
