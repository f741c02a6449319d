namespace TcpStatExporter.Metrics;

/// <summary>The things that series of a page can be about.</summary>
internal sealed class SubjectKinds
{
    /// <summary>A network namespace.</summary>
    public SubjectKind Namespace { get; } = new();

    /// <summary>A listener that is there.</summary>
    public SubjectKind Listener { get; } = new();

    /// <summary>A listener that is gone.</summary>
    public SubjectKind Closed { get; } = new();

    /// <summary>A listener as the last sweep saw it.</summary>
    public SubjectKind Swept { get; } = new();

    /// <summary>Who holds connections in CLOSE_WAIT.</summary>
    public SubjectKind CloseWait { get; } = new();

    /// <summary>Where connections in SYN_SENT go.</summary>
    public SubjectKind SynSent { get; } = new();

    /// <summary>The destination that leaves connect(2) fewest ports.</summary>
    public SubjectKind Scarcest { get; } = new();

    /// <summary>Bound UDP sockets.</summary>
    public SubjectKind Udp { get; } = new();

    /// <summary>The exporter itself.</summary>
    public SubjectKind Exporter { get; } = new();
}
