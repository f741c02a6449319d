using System.Globalization;
using TcpStatExporter.Exposition;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What one listener series is called: address, port and the unit that owns it. One object as long as the listener is known.</summary>
internal sealed class ListenerIdentity
{
    public ListenerIdentity(IpAddress address, ushort port, string unit)
    {
        Address = address;
        Port = port;
        Unit = unit;
        AddressText = address.ToString();
        Labels = LabelSet.Empty
            .With("address", AddressText)
            .With("port", port.ToString(CultureInfo.InvariantCulture))
            .With("unit", unit);
    }

    /// <summary>Address it is bound to.</summary>
    public IpAddress Address { get; }

    /// <summary>Port it is bound to.</summary>
    public ushort Port { get; }

    /// <summary>systemd unit or container that owns it; empty where unknown.</summary>
    public string Unit { get; }

    /// <summary>The address as text, without brackets.</summary>
    public string AddressText { get; }

    /// <summary>The labels of its series, encoded once.</summary>
    public LabelSet Labels { get; }
}
