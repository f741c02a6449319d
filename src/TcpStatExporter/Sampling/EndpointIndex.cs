using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Finds the listener that a connection belongs to, with the kernel's priorities (inet_lookup_listener(),
/// net/ipv4/inet_hashtables.c): the exact address first, then the wildcard of its family, then ::, which accepts IPv4 too
/// unless the socket is IPV6_V6ONLY. For each of these, first a socket bound to the connection's device, then one bound to
/// none. If several sockets share one endpoint (SO_REUSEPORT), it is the one in the connection's own cgroup, otherwise the
/// first.
/// </summary>
/// <param name="isSmall">Do without a bitmap of the ports, which makes lookups of other ports faster.</param>
/// <typeparam name="T">What is stored for a listener.</typeparam>
internal sealed class EndpointIndex<T>(bool isSmall = false)
{
    private static readonly IpAddress AnyIPv4 = IpAddress.FromIPv4(0);
    private static readonly IpAddress AnyIPv6 = IpAddress.FromIPv6(0, 0);

    private readonly Dictionary<Endpoint, int> _first = [];
    private readonly ValueList<Node> _nodes = new();
    private readonly PortSet? _ports = isSmall ? null : new();

    /// <summary>Removes all listeners and keeps the memory.</summary>
    public void Clear()
    {
        _first.Clear();
        _nodes.Clear();
        _ports?.Clear();
    }

    /// <summary>Adds a listener. If several have the same endpoint and cgroup, the first one stays.</summary>
    /// <param name="socket">Its endpoint and owner.</param>
    /// <param name="listener">What to return for it.</param>
    public void Add(in ListenerSocket socket, T listener)
    {
        _ports?.Add(socket.Port);
        var address = socket.Address.Unmapped();
        Add(new Endpoint(address, socket.Port, socket.Interface, TakesIPv4: false), socket.CgroupId, listener);
        if (address == AnyIPv6 && !socket.IsV6Only)
        {
            Add(new Endpoint(address, socket.Port, socket.Interface, TakesIPv4: true), socket.CgroupId, listener);
        }
    }

    /// <summary>Finds the listener of a connection.</summary>
    /// <param name="local">Local address of the connection.</param>
    /// <param name="port">Its local port.</param>
    /// <param name="device">Index of the interface that it is bound to. 0 for none.</param>
    /// <param name="cgroupId">Its cgroup. 0 if the source does not report it.</param>
    /// <param name="listener">What was added for the listener.</param>
    /// <returns>False if no listener has this local endpoint.</returns>
    public bool TryFind(IpAddress local, ushort port, uint device, ulong cgroupId, [MaybeNullWhen(false)] out T listener)
    {
        listener = default;
        if (_ports?.Contains(port) == false)
        {
            return false;
        }

        var exact = local.Unmapped();
        var isIPv4 = exact.Family == IpFamily.IPv4;
        return TryFind(new Endpoint(exact, port, device, TakesIPv4: false), cgroupId, ref listener)
            || (isIPv4 && TryFind(new Endpoint(AnyIPv4, port, device, TakesIPv4: false), cgroupId, ref listener))
            || TryFind(new Endpoint(AnyIPv6, port, device, isIPv4), cgroupId, ref listener);
    }

    private void Add(Endpoint endpoint, ulong cgroupId, T listener)
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, endpoint, out var isThere);
        if (!isThere)
        {
            first = Append(cgroupId, listener);
            return;
        }

        var node = first;
        while (_nodes[node].CgroupId != cgroupId)
        {
            if (_nodes[node].Next == 0)
            {
                var added = Append(cgroupId, listener);
                _nodes[node].Next = added;
                return;
            }

            node = _nodes[node].Next;
        }
    }

    private int Append(ulong cgroupId, T listener)
    {
        _nodes.Add(new Node { CgroupId = cgroupId, Listener = listener });
        return _nodes.Count - 1;
    }

    private bool TryFind(Endpoint endpoint, ulong cgroupId, ref T? listener)
    {
        if (!_first.TryGetValue(endpoint, out var first)
            && (endpoint.Device == 0 || !_first.TryGetValue(endpoint with { Device = 0 }, out first)))
        {
            return false;
        }

        listener = _nodes[first].Listener;
        for (var node = first; cgroupId != 0; node = _nodes[node].Next)
        {
            if (_nodes[node].CgroupId == cgroupId)
            {
                listener = _nodes[node].Listener;
                break;
            }

            if (_nodes[node].Next == 0)
            {
                break;
            }
        }

        return true;
    }

    /// <summary>An endpoint of a listener. A :: that accepts IPv4 has two entries.</summary>
    private readonly record struct Endpoint(IpAddress Address, ushort Port, uint Device, bool TakesIPv4);

    private struct Node
    {
        public ulong CgroupId;
        public T Listener;

        /// <summary>
        /// Index of the next listener on the same endpoint. 0 if there is none, because the first one is never a next one.
        /// </summary>
        public int Next;
    }
}
