using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// The owner of connections and their remote endpoint. The same object as long as they are reported without interruption.
/// </summary>
internal sealed class HolderIdentity
{
    /// <summary>Creates an identity.</summary>
    /// <param name="address">Remote address.</param>
    /// <param name="port">Remote port. 0 if connections are not split by remote endpoint.</param>
    /// <param name="unit">systemd unit or container that owns the connections. Empty if unknown.</param>
    /// <param name="isLocal">The remote endpoint is on this host.</param>
    public HolderIdentity(IpAddress address, ushort port, string unit, bool isLocal = false)
    {
        Address = address;
        Port = port;
        Unit = unit;
        IsLocal = isLocal;
        Destination = port == 0 ? "" : address.ToString(port);
    }

    /// <summary>Remote address.</summary>
    public IpAddress Address { get; }

    /// <summary>Remote port. 0 if connections are not split by remote endpoint.</summary>
    public ushort Port { get; }

    /// <summary>"10.0.0.2:5432", "[2001:db8::1]:443". Empty for connections that this host accepted.</summary>
    public string Destination { get; }

    /// <summary>systemd unit or container that owns the connections. Empty if unknown.</summary>
    public string Unit { get; }

    /// <summary>The remote endpoint is on this host.</summary>
    public bool IsLocal { get; }
}
