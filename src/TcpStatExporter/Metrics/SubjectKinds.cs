namespace TcpStatExporter.Metrics;

/// <summary>The kinds of subjects on a page.</summary>
internal sealed class SubjectKinds
{
    /// <summary>A network namespace.</summary>
    public SubjectKind Namespace { get; } = new();

    /// <summary>An open listener.</summary>
    public SubjectKind Listener { get; } = new();

    /// <summary>A closed listener.</summary>
    public SubjectKind Closed { get; } = new();

    /// <summary>A listener from the last sweep.</summary>
    public SubjectKind Swept { get; } = new();

    /// <summary>An owner of connections in CLOSE_WAIT.</summary>
    public SubjectKind CloseWait { get; } = new();

    /// <summary>A destination of connections in SYN_SENT.</summary>
    public SubjectKind SynSent { get; } = new();

    /// <summary>The destination with the fewest free ports for connect(2).</summary>
    public SubjectKind Scarcest { get; } = new();

    /// <summary>Bound UDP sockets.</summary>
    public SubjectKind Udp { get; } = new();

    /// <summary>What a network namespace belongs to.</summary>
    public SubjectKind Netns { get; } = new();

    /// <summary>A peer with many retransmissions.</summary>
    public SubjectKind Peer { get; } = new();

    /// <summary>AF_UNIX listeners of one name.</summary>
    public SubjectKind Unix { get; } = new();

    /// <summary>The exporter itself.</summary>
    public SubjectKind Exporter { get; } = new();
}
