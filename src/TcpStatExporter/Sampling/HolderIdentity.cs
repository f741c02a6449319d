using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Who has connections, and with whom. One object as long as they are told of without a break.</summary>
internal sealed class HolderIdentity
{
    /// <summary>Makes a name.</summary>
    /// <param name="address">Remote address.</param>
    /// <param name="port">Remote port; 0 where the remote end does not matter.</param>
    /// <param name="unit">systemd unit or container that owns the connections; empty where unknown.</param>
    /// <param name="isLocal">The remote end is on this host.</param>
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

    /// <summary>Remote port; 0 where the remote end does not matter.</summary>
    public ushort Port { get; }

    /// <summary>"10.0.0.2:5432", "[2001:db8::1]:443"; empty for connections that this host accepted.</summary>
    public string Destination { get; }

    /// <summary>systemd unit or container that owns the connections; empty where unknown.</summary>
    public string Unit { get; }

    /// <summary>The remote end is on this host.</summary>
    public bool IsLocal { get; }
}
