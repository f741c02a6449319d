using TcpStatExporter.Kernel.Cgroup;
using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Names network namespaces by what a host tells without any API: cgroups of the processes, then names of the files that the
/// kubelet makes, then mounts, then /run/netns. Calls must not overlap. It allocates: it is asked for new namespaces only.
/// </summary>
/// <param name="processes">The processes.</param>
/// <param name="logFolder">Folder in which the kubelet makes <c>pods</c> and <c>containers</c>: <c>/var/log</c>.</param>
/// <param name="namedFolder">Folder of named namespaces: <c>/run/netns</c>.</param>
internal sealed class NetnsNames(ProcessTable processes, string logFolder, string namedFolder)
{
    /// <summary>Digits of a container's id that docker and podman print.</summary>
    private const int ShortId = 12;

    /// <summary>The processes of one namespace that are looked at.</summary>
    private const int MaxProcesses = 8;

    private readonly Dictionary<string, PodName> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodName> _byContainer = new(StringComparer.Ordinal);

    /// <summary>Names a namespace.</summary>
    /// <param name="pids">Processes in it, the oldest first: the first is a pod's pause container.</param>
    /// <returns><see cref="NetnsIdentity.Other"/> if it has no name that stays.</returns>
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

    private PodName? PodOf(CgroupOwner owner, int pid)
    {
        if (owner.PodUid.Length > 0 && PodOfUid(owner.PodUid) is { } pod)
        {
            return pod;
        }

        // docker and podman have containers too, whose ids no kubelet knows
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
        foreach (var file in FolderNames.In(Path.Combine(logFolder, "containers")))
        {
            if (PodName.TryParseLog(file, out var id, out var name))
            {
                _byContainer[id] = name;
            }
        }
    }

    /// <summary>What podman calls a container: its conmon has the id and the name among its arguments, which everybody may read.</summary>
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
    /// The name under /run/netns, whose file has the inode of the namespace. Looking at /proc/PID/ns needs CAP_SYS_PTRACE, or
    /// the process to be of the same user. Names that CNI plugins draw by lot are none.
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
