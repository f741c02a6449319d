using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>The key of a listener. Sockets with the same key are one SO_REUSEPORT group.</summary>
/// <param name="Address">Bound address.</param>
/// <param name="Port">Bound port.</param>
/// <param name="Device">Interface, VRF or scope that they are bound to. Usually empty.</param>
/// <param name="Unit">systemd unit or container that owns them. Empty if unknown.</param>
internal readonly record struct ListenerKey(IpAddress Address, ushort Port, string Device, string Unit);
