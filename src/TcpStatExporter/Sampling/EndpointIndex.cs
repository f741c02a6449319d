using System.Diagnostics.CodeAnalysis;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Finds the listener that a connection belongs to, by the kernel's preference: the exact address, then the wildcard of
/// its family, then ::, which takes IPv4 too.
/// </summary>
/// <typeparam name="T">What is kept of a listener.</typeparam>
internal sealed class EndpointIndex<T>
{
    private static readonly IpAddress AnyIPv4 = IpAddress.FromIPv4(0);
    private static readonly IpAddress AnyIPv6 = IpAddress.FromIPv6(0, 0);

    private readonly Dictionary<(IpAddress Address, ushort Port), T> _listeners = [];
    private readonly PortSet _ports = new();

    /// <summary>Forgets all listeners and keeps the memory.</summary>
    public void Clear()
    {
        _listeners.Clear();
        _ports.Clear();
    }

    /// <summary>Adds a listener; the first of those with the same address and port stays.</summary>
    /// <param name="address">Address it is bound to.</param>
    /// <param name="port">Port it is bound to.</param>
    /// <param name="listener">What to find.</param>
    public void Add(IpAddress address, ushort port, T listener)
    {
        _listeners.TryAdd((address.Unmapped(), port), listener);
        _ports.Add(port);
    }

    /// <summary>Finds the listener of a connection.</summary>
    /// <param name="local">Local address of the connection.</param>
    /// <param name="port">Its local port.</param>
    /// <param name="listener">What was added.</param>
    /// <returns>False where no listener has this local end.</returns>
    public bool TryFind(IpAddress local, ushort port, [MaybeNullWhen(false)] out T listener)
    {
        if (!_ports.Contains(port))
        {
            listener = default;
            return false;
        }

        var exact = local.Unmapped();
        return _listeners.TryGetValue((exact, port), out listener)
            || (exact.Family == IpFamily.IPv4 && _listeners.TryGetValue((AnyIPv4, port), out listener))
            || _listeners.TryGetValue((AnyIPv6, port), out listener);
    }
}
