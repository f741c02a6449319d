using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Namespaces;

/// <summary>Memory that all network namespaces share while one of them is read.</summary>
internal sealed class NetnsScratch
{
    /// <summary>Requested sockets.</summary>
    public ValueList<TcpSocketId> Ids { get; } = new();

    /// <summary>Their places in the list of the namespace.</summary>
    public ValueList<int> Indexes { get; } = new();

    /// <summary>Takes a dump.</summary>
    public SocketTally Tally { get; } = new(hasLimit: true);

    /// <summary>Addresses with a socket.</summary>
    public HashSet<(IpAddress Address, ushort Port, uint Interface)> Once { get; } = [];

    /// <summary>Addresses with several sockets.</summary>
    public HashSet<(IpAddress Address, ushort Port, uint Interface)> Twice { get; } = [];

    /// <summary>Cookies of sockets that only dumps find.</summary>
    public ValueList<ulong> Hidden { get; } = new();

    /// <summary>The sockets of several namespaces with the same name.</summary>
    public ValueList<ListenerSocket> Joined { get; } = new();
}
