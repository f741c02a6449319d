namespace TcpStatExporter.Namespaces;

/// <summary>
/// Names the owners of listeners in the network namespace of a pod, container or unit. The id of a container changes when it
/// restarts, so it is not a name: containers of a pod are named as in the pod's spec.
/// </summary>
/// <param name="identity">The name of the namespace.</param>
/// <param name="unitOf">Returns the unit or container for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
/// <param name="names">Knows the containers of pods.</param>
internal sealed class NetnsUnits(NetnsIdentity identity, Func<ulong, string?> unitOf, NetnsNames names)
{
    /// <summary>Returns the owner of a socket. Empty if unknown, null if not looked up yet.</summary>
    /// <param name="cgroupId">The cgroup2 id of the socket.</param>
    public string? Of(ulong cgroupId) => identity.Kind switch
    {
        NetnsKind.Container => identity.Container,
        NetnsKind.Pod => unitOf(cgroupId) is { Length: > 0 } unit ? names.ContainerOf(unit) : unitOf(cgroupId),
        _ => unitOf(cgroupId),
    };
}
