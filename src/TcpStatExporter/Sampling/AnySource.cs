using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>A source of a network namespace or of the host, for what lists all of them.</summary>
internal readonly record struct AnySource
{
    private readonly byte _id;
    private readonly bool _isHost;

    private AnySource(byte id, bool isHost) => (_id, _isHost) = (id, isHost);

    /// <summary>All sources, in the order in which they are listed.</summary>
    public static IReadOnlyList<AnySource> All { get; } =
    [
        SourceId.Sockets,
        SourceId.Listeners,
        SourceId.Snmp,
        SourceId.Netstat,
        SourceId.Sockstat,
        SourceId.Sysctl,
        SourceId.Sweep,
        HostSourceId.Machine,
        SourceId.Conntrack,
        HostSourceId.Softnet,
        SourceId.Udp,
        SourceId.Unix,
    ];

    /// <summary>Its name: "sockets".</summary>
    public string Name => _isHost ? ((HostSourceId)_id).Name() : ((SourceId)_id).Name();

    public static implicit operator AnySource(SourceId id) => new((byte)id, isHost: false);

    public static implicit operator AnySource(HostSourceId id) => new((byte)id, isHost: true);

    /// <summary>The result of the last attempt to read it.</summary>
    /// <param name="sample">The sample.</param>
    public ReadResult StatusIn(NamespaceSample sample) => _isHost ? sample.Host.Status((HostSourceId)_id) : sample.Status((SourceId)_id);

    /// <summary>Statistics about it since the start.</summary>
    /// <param name="sample">The sample.</param>
    public ref readonly SourceStatistics In(NamespaceSample sample) => ref _isHost ? ref sample.Host[(HostSourceId)_id] : ref sample[(SourceId)_id];
}
