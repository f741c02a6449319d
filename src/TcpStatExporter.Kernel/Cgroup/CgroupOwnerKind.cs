namespace TcpStatExporter.Kernel.Cgroup;

/// <summary>What a process belongs to, as its cgroup tells.</summary>
public enum CgroupOwnerKind
{
    /// <summary>Nothing that has a name which stays.</summary>
    None,

    /// <summary>A systemd unit.</summary>
    Unit,

    /// <summary>A container that is in no pod, or in a pod that its path does not tell.</summary>
    Container,

    /// <summary>A pod of Kubernetes.</summary>
    Pod,
}
