using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// The identity of a listener series: network namespace, address, port, device and owning unit. The same object as long as
/// the listener is known.
/// </summary>
internal sealed class ListenerIdentity
{
    /// <summary>Creates an identity.</summary>
    /// <param name="address">Bound address.</param>
    /// <param name="port">Bound port.</param>
    /// <param name="unit">systemd unit or container that owns it. Empty if unknown.</param>
    /// <param name="device">Interface or VRF that it is bound to, or the scope of a link-local address. Usually empty.</param>
    /// <param name="netns">Its network namespace. Empty for the host's own.</param>
    public ListenerIdentity(IpAddress address, ushort port, string unit, string device = "", string netns = "")
    {
        Address = address;
        Port = port;
        Unit = unit;
        Device = device;
        Netns = netns;
        AddressText = address.ToString();
    }

    /// <summary>Bound address.</summary>
    public IpAddress Address { get; }

    /// <summary>Bound port.</summary>
    public ushort Port { get; }

    /// <summary>systemd unit or container that owns it. Empty if unknown.</summary>
    public string Unit { get; }

    /// <summary>
    /// Interface or VRF that it is bound to (SO_BINDTODEVICE), or the scope of a link-local address. Usually empty.
    /// </summary>
    public string Device { get; }

    /// <summary>Its network namespace. Empty for the host's own.</summary>
    public string Netns { get; }

    /// <summary>
    /// Processes that hold it, such as "nginx[1234]", if the program searched for them. Only for people, never a label. Empty
    /// in the daemon.
    /// </summary>
    public string Processes { get; set; } = "";

    /// <summary>The owner, for people: the unit, or the processes if the unit is unknown. Empty if both are unknown.</summary>
    public string Owner => Unit.Length > 0 ? Unit : Processes;

    /// <summary>The address as text, without brackets.</summary>
    public string AddressText { get; }
}
