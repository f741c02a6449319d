namespace TcpStatExporter.View;

/// <summary>The network namespaces of one name: a pod, a container, a unit.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">pod, container, unit, named or other.</param>
/// <param name="Namespaces">How many there are of this name.</param>
/// <param name="IsInTrouble">It was in trouble at the last read.</param>
/// <param name="WasInTrouble">It was in trouble at any read since it began.</param>
/// <param name="HasView">It has series of its own, and a view.</param>
/// <param name="Established">Connections in ESTABLISHED or CLOSE_WAIT.</param>
/// <param name="TimeWait">Connections in TIME_WAIT.</param>
/// <param name="LostRecently">ListenDrops since the last read.</param>
/// <param name="Lost">ListenDrops since the exporter first saw it.</param>
/// <param name="OtherLost">Other losses since then: for want of memory, full buffers, TIME_WAIT not kept.</param>
/// <param name="RetransmittedRatio">Retransmissions per segment sent since the last read; null if nothing was sent.</param>
/// <param name="CloseWait">Connections in CLOSE_WAIT that a process holds. Null if they were not counted.</param>
/// <param name="QueueFill">Length ÷ limit of its fullest accept queue. Null if its listeners are not read.</param>
internal sealed record NetnsView(
    string Name,
    string Kind,
    int Namespaces,
    bool IsInTrouble,
    bool WasInTrouble,
    bool HasView,
    long Established,
    long TimeWait,
    ulong LostRecently,
    ulong Lost,
    ulong OtherLost,
    double? RetransmittedRatio,
    long? CloseWait = null,
    double? QueueFill = null);
