using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Commands;

/// <summary>
/// Names the processes of listeners whose unit is unknown, for example without cgroup2. For interactive commands only: the
/// daemon needs no permission to inspect other processes.
/// </summary>
/// <param name="store">Where listeners are published.</param>
/// <param name="procfsRoot">Root of procfs.</param>
internal sealed class ListenerProcesses(SampleStore store, string procfsRoot)
{
    private const int MostNamed = 3;

    /// <summary>Finds the processes of listeners that have no name yet. Does nothing if all have one.</summary>
    public void Find()
    {
        using var lease = store.Take();
        var sample = lease.Sample;
        var inodes = new HashSet<ulong>();
        foreach (ref readonly var socket in sample.Kernel.Listeners.Span)
        {
            if (socket.Inode != 0 && IdentityOf(sample, socket) is { Owner.Length: 0 })
            {
                inodes.Add(socket.Inode);
            }
        }

        if (inodes.Count == 0)
        {
            return;
        }

        var owners = SocketOwners.Find(procfsRoot, inodes);
        var names = new Dictionary<ListenerIdentity, SortedSet<string>>();
        foreach (ref readonly var socket in sample.Kernel.Listeners.Span)
        {
            if (owners.TryGetValue(socket.Inode, out var holders) && IdentityOf(sample, socket) is { } identity)
            {
                names.TryAdd(identity, new SortedSet<string>(StringComparer.Ordinal));
                names[identity].UnionWith(holders);
            }
        }

        foreach (var (identity, processes) in names)
        {
            identity.Processes = string.Join(", ", processes.Take(MostNamed)) + (processes.Count > MostNamed ? $" and {processes.Count - MostNamed} more" : "");
        }
    }

    /// <summary>Returns the listener that a socket belongs to, if it has no unit.</summary>
    private static ListenerIdentity? IdentityOf(NamespaceSample sample, in Kernel.Model.ListenerSocket socket)
    {
        foreach (ref readonly var listener in sample.Listeners.Span)
        {
            if (listener.Identity.Unit.Length == 0 && listener.Identity.Port == socket.Port && listener.Identity.Address == socket.Address
                && listener.Identity.Device.Length > 0 == socket.Interface > 0)
            {
                return listener.Identity;
            }
        }

        return null;
    }
}
