using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Cgroup;
using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Finds names of network namespaces without calling any API: from the cgroups of their processes, then from the names of
/// files that the kubelet creates, then from mounts, then from /run/netns. Calls must not overlap. It allocates, so call it
/// for new namespaces only.
/// </summary>
/// <param name="processes">The processes.</param>
/// <param name="logFolder">Directory in which the kubelet creates <c>pods</c> and <c>containers</c>: <c>/var/log</c>.</param>
/// <param name="namedFolder">Directory of named namespaces: <c>/run/netns</c>.</param>
internal sealed class NetnsNames(ProcessTable processes, string logFolder, string namedFolder)
{
    /// <summary>Number of digits of a container id that docker and podman print.</summary>
    private const int ShortId = 12;

    /// <summary>Maximum number of containers to remember.</summary>
    private const int MaxContainers = 4096;

    /// <summary>A container without a log file is searched for this often.</summary>
    private const int MaxSearches = 10;

    /// <summary>Maximum number of processes per namespace to check.</summary>
    private const int MaxProcesses = 8;

    private readonly Dictionary<string, PodName> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodName> _byContainer = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byUnit = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _searches = new(StringComparer.Ordinal);

    /// <summary>Finds the name of a namespace.</summary>
    /// <param name="pids">Processes in it, oldest first. In a pod, the first is the pause container.</param>
    /// <returns><see cref="NetnsIdentity.Other"/> if it has no permanent name.</returns>
    public NetnsIdentity Of(ReadOnlySpan<int> pids)
    {
        var owner = CgroupOwner.None;
        var pid = 0;
        foreach (var candidate in pids[..Math.Min(pids.Length, MaxProcesses)])
        {
            if (CgroupOwner.Parse(processes.Text(candidate, "cgroup")) is var found && (pid == 0 || found.Kind > owner.Kind))
            {
                (owner, pid) = (found, candidate);
            }
        }

        if (pid == 0)
        {
            return NetnsIdentity.Other;
        }

        if (PodOf(owner, pid) is { } pod)
        {
            return new NetnsIdentity(pod.ToString(), NetnsKind.Pod, pod.Namespace, pod.Pod, pod.Workload);
        }

        if (owner.ContainerId.Length > 0)
        {
            var name = owner.Runtime == "podman" ? PodmanName(owner.ContainerId) : null;
            name ??= owner.ContainerId.Length > ShortId && owner.Runtime != "lxc" ? owner.ContainerId[..ShortId] : owner.ContainerId;
            return new NetnsIdentity(name, NetnsKind.Container, Container: name);
        }

        if (NameOf(pid) is { } named)
        {
            return new NetnsIdentity(named, NetnsKind.Named);
        }

        return owner.Kind == CgroupOwnerKind.Unit ? new NetnsIdentity(owner.Unit, NetnsKind.Unit) : NetnsIdentity.Other;
    }

    /// <summary>Returns the name of a container in its pod. Allocates nothing for one that was looked for before.</summary>
    /// <param name="unit">The container as <see cref="CgroupUnit"/> names it, such as <c>containerd:8f14e45fceea</c>.</param>
    /// <returns>Empty if the kubelet has no log file for it. Null while one may still come: the container may have just started.</returns>
    public string? ContainerOf(string unit)
    {
        if (_byUnit.TryGetValue(unit, out var known))
        {
            return known;
        }

        if (_byUnit.Count >= MaxContainers)
        {
            _byUnit.Clear();
            _searches.Clear();
        }

        // of a nested container, the outer one in brackets is the pod's
        LearnContainers();
        if (_containers.TryGetValue(unit[(unit.LastIndexOf(':') + 1)..].TrimEnd(')'), out var name))
        {
            return _byUnit[unit] = name;
        }

        ref var searches = ref CollectionsMarshal.GetValueRefOrAddDefault(_searches, unit, out _);
        return ++searches < MaxSearches ? null : _byUnit[unit] = "";
    }

    private PodName? PodOf(CgroupOwner owner, int pid)
    {
        if (owner.PodUid.Length > 0 && PodOfUid(owner.PodUid) is { } pod)
        {
            return pod;
        }

        // docker and podman also run containers that the kubelet does not know
        if (owner.Kind is not (CgroupOwnerKind.Container or CgroupOwnerKind.Pod) || owner.Runtime is "podman" or "lxc")
        {
            return null;
        }

        if (owner.ContainerId.Length > 0 && Find(_byContainer, owner.ContainerId, LearnContainers) is { } named)
        {
            return named;
        }

        return PodName.UidOfMounts(processes.Text(pid, "mountinfo")) is { Length: > 0 } uid ? PodOfUid(uid) : null;
    }

    private PodName? PodOfUid(string uid) => Find(_byUid, uid, LearnPods);

    private static PodName? Find(Dictionary<string, PodName> known, string key, Action learn)
    {
        if (!known.ContainsKey(key))
        {
            learn();
        }

        return known.TryGetValue(key, out var name) ? name : null;
    }

    private void LearnPods()
    {
        _byUid.Clear();
        foreach (var directory in FolderNames.In(Path.Combine(logFolder, "pods")))
        {
            if (PodName.TryParseDirectory(directory, out var uid, out var name))
            {
                _byUid[uid] = name;
            }
        }
    }

    private void LearnContainers()
    {
        _byContainer.Clear();
        _containers.Clear();
        foreach (var file in FolderNames.In(Path.Combine(logFolder, "containers")))
        {
            if (PodName.TryParseLog(file, out var id, out var name, out var container))
            {
                _byContainer[id] = name;
                _containers[id[..ShortId]] = container;
            }
        }
    }

    /// <summary>
    /// Returns the name of a podman container. The arguments of its conmon process contain the id and the name, and every
    /// user may read them.
    /// </summary>
    private string? PodmanName(string containerId)
    {
        var pids = new Kernel.Model.ValueList<int>();
        _ = processes.List(pids);
        foreach (var pid in pids.Span)
        {
            if (processes.Text(pid, "comm") != "conmon\n")
            {
                continue;
            }

            var arguments = processes.Text(pid, "cmdline").Split('\0');
            if (ValueOf(arguments, "-c") == containerId && ValueOf(arguments, "-n") is { Length: > 0 } name)
            {
                // podman: [a-zA-Z0-9][a-zA-Z0-9_.-]*
                return name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-') ? name : null;
            }
        }

        return null;
    }

    private static string? ValueOf(string[] arguments, string flag) =>
        Array.IndexOf(arguments, flag) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;

    /// <summary>
    /// Returns the name in /run/netns whose file has the inode of the namespace. Reading /proc/PID/ns needs CAP_SYS_PTRACE,
    /// or a process of the same user. The random names of CNI plugins do not count.
    /// </summary>
    private string? NameOf(int pid)
    {
        var inode = FileStamp.Of(processes.PathOf(pid, "ns/net")).Inode;
        if (inode == 0)
        {
            return null;
        }

        foreach (var name in FolderNames.In(namedFolder))
        {
            if (!name.StartsWith("cni-", StringComparison.Ordinal) && FileStamp.Of(Path.Combine(namedFolder, name)).Inode == inode)
            {
                return name;
            }
        }

        return null;
    }
}
