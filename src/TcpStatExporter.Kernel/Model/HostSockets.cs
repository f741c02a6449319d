namespace TcpStatExporter.Kernel.Model;

/// <summary>What <c>/proc/net/sockstat</c> prints of all network namespaces together, in each of them.</summary>
public struct HostSockets
{
    /// <summary>Orphans: TCP sockets that no process holds and that are not closed yet.</summary>
    public long Orphans;

    /// <summary>Allocated TCP sockets in any state.</summary>
    public long Allocated;

    /// <summary>Memory of all TCP sockets, in pages.</summary>
    public long MemoryPages;
}
