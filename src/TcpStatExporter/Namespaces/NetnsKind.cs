namespace TcpStatExporter.Namespaces;

/// <summary>What a network namespace belongs to.</summary>
internal enum NetnsKind
{
    /// <summary>Nothing that has a name which stays.</summary>
    Other,

    /// <summary>A systemd unit, by PrivateNetwork= for one.</summary>
    Unit,

    /// <summary>Nobody that is known, but it has a name under /run/netns.</summary>
    Named,

    /// <summary>A container that is in no pod.</summary>
    Container,

    /// <summary>A pod of Kubernetes.</summary>
    Pod,
}
