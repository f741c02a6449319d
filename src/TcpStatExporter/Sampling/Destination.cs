using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Where outgoing connections go: those of one destination need a local port each.</summary>
/// <param name="Source">Local address.</param>
/// <param name="Address">Remote address.</param>
/// <param name="Port">Remote port.</param>
internal readonly record struct Destination(IpAddress Source, IpAddress Address, ushort Port);
