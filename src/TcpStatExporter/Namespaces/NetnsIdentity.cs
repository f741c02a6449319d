namespace TcpStatExporter.Namespaces;

/// <summary>The name of a network namespace, and what it is made of. Nothing in it changes when the same thing starts anew.</summary>
/// <param name="Name">Value of the label <c>netns</c>.</param>
/// <param name="Kind">What the namespace belongs to.</param>
/// <param name="KubernetesNamespace">Namespace of the pod; empty for others.</param>
/// <param name="KubernetesPod">Name of the pod; empty for others.</param>
/// <param name="Workload">What made the pod, by its name; empty for others.</param>
/// <param name="Container">Name or short id of the container that is in no pod; empty for others.</param>
internal sealed record NetnsIdentity(string Name, NetnsKind Kind, string KubernetesNamespace = "", string KubernetesPod = "", string Workload = "", string Container = "")
{
    /// <summary>All that have no name of their own.</summary>
    public static NetnsIdentity Other { get; } = new("other", NetnsKind.Other);
}
