namespace TcpStatExporter.Namespaces;

/// <summary>
/// The name of a network namespace and its parts. It stays the same if the pod, container or unit restarts.
/// </summary>
/// <param name="Name">Value of the label <c>netns</c>.</param>
/// <param name="Kind">What the namespace belongs to.</param>
/// <param name="KubernetesNamespace">Namespace of the pod. Empty for others.</param>
/// <param name="KubernetesPod">Name of the pod. Empty for others.</param>
/// <param name="Workload">The workload that created the pod, guessed from the name of the pod. Empty for others.</param>
/// <param name="Container">Name or short id of a container outside of pods. Empty for others.</param>
internal sealed record NetnsIdentity(string Name, NetnsKind Kind, string KubernetesNamespace = "", string KubernetesPod = "", string Workload = "", string Container = "")
{
    /// <summary>Shared by all namespaces without a name of their own.</summary>
    public static NetnsIdentity Other { get; } = new("other", NetnsKind.Other);
}
