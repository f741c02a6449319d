namespace TcpStatExporter.Namespaces;

/// <summary>What a network namespace belongs to.</summary>
internal enum NetnsKind
{
    /// <summary>Nothing with a permanent name.</summary>
    Other,

    /// <summary>A systemd unit, for example with PrivateNetwork=.</summary>
    Unit,

    /// <summary>No known owner, but it has a name in /run/netns.</summary>
    Named,

    /// <summary>A container outside of pods.</summary>
    Container,

    /// <summary>A Kubernetes pod.</summary>
    Pod,
}
