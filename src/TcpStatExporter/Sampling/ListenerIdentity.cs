using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What one listener series is called: network namespace, address, port, device and the unit that owns it. One object as long as the listener is known.</summary>
internal sealed class ListenerIdentity
{
    /// <summary>Makes a name.</summary>
    /// <param name="address">Address it is bound to.</param>
    /// <param name="port">Port it is bound to.</param>
    /// <param name="unit">systemd unit or container that owns it; empty where unknown.</param>
    /// <param name="device">Interface or VRF that it is bound to, or the scope of a link-local address; empty for most.</param>
    /// <param name="netns">Network namespace that it is in; empty for the host's own.</param>
    public ListenerIdentity(IpAddress address, ushort port, string unit, string device = "", string netns = "")
    {
        Address = address;
        Port = port;
        Unit = unit;
        Device = device;
        Netns = netns;
        AddressText = address.ToString();
    }

    /// <summary>Address it is bound to.</summary>
    public IpAddress Address { get; }

    /// <summary>Port it is bound to.</summary>
    public ushort Port { get; }

    /// <summary>systemd unit or container that owns it; empty where unknown.</summary>
    public string Unit { get; }

    /// <summary>Interface or VRF that it is bound to (SO_BINDTODEVICE), or the scope of a link-local address; empty for most.</summary>
    public string Device { get; }

    /// <summary>Network namespace that it is in; empty for the host's own.</summary>
    public string Netns { get; }

    /// <summary>Processes that hold it, "nginx[1234]", where the program looked for them: for people alone, and never a label. Empty in the daemon.</summary>
    public string Processes { get; set; } = "";

    /// <summary>Who owns it, for people: the unit, or the processes where the unit is not known; empty where neither is.</summary>
    public string Owner => Unit.Length > 0 ? Unit : Processes;

    /// <summary>The address as text, without brackets.</summary>
    public string AddressText { get; }
}
