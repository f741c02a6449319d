namespace TcpStatExporter.Kernel.Cgroup;

/// <summary>The unit, container or pod that a process belongs to, according to <c>/proc/PID/cgroup</c>.</summary>
/// <remarks>
/// Printed by kernel/cgroup/cgroup.c, proc_cgroup_show(): one line per hierarchy, <c>ID:CONTROLLERS:PATH</c>. For cgroup2 it is
/// <c>0::PATH</c>. A path may contain colons. It begins with <c>/..</c> if it is outside the reader's cgroup namespace, and
/// ends with <c> (deleted)</c> if the cgroup was removed. For example
/// <c>0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2f7b3c1a_….slice/cri-containerd-8f14e45f….scope</c>.
/// As in <see cref="CgroupUnit"/>, the outermost owner counts. It can name the cgroups below it as it likes, so an inner name
/// could be that of another pod. A container inside a container belongs to the outer one.
/// </remarks>
/// <param name="Kind">The kind of owner.</param>
/// <param name="Runtime">docker, podman, containerd, crio or lxc. container if the path does not show the runtime. Empty for a unit.</param>
/// <param name="ContainerId">Id of the container (64 digits), or its name in lxc. Empty for a unit and for a pod's own cgroup.</param>
/// <param name="PodUid">Uid of the pod as Kubernetes writes it, with dashes. Empty if there is no pod.</param>
/// <param name="Unit">Name of the unit, same as in <see cref="CgroupUnit"/>. Empty for others.</param>
public sealed record CgroupOwner(CgroupOwnerKind Kind, string Runtime, string ContainerId, string PodUid, string Unit)
{
    private const int UuidLength = 36;
    private const int StaticUidLength = 32;

    /// <summary>No owner with a name.</summary>
    public static CgroupOwner None { get; } = new(CgroupOwnerKind.None, "", "", "", "");

    /// <summary>Parses the file of a process.</summary>
    /// <param name="cgroup">Text of <c>/proc/PID/cgroup</c>.</param>
    /// <returns>The most specific owner in any hierarchy: a pod, otherwise a container, otherwise a unit.</returns>
    public static CgroupOwner Parse(ReadOnlySpan<char> cgroup)
    {
        var best = None;
        foreach (var line in cgroup.EnumerateLines())
        {
            if (PathOf(line) is { IsEmpty: false } path && FromPath(path) is var owner && owner.Kind > best.Kind)
            {
                best = owner;
            }
        }

        return best;
    }

    /// <summary>Parses the path of one hierarchy.</summary>
    /// <param name="path">The path.</param>
    public static CgroupOwner FromPath(ReadOnlySpan<char> path)
    {
        path = Plain(path);
        var unit = CgroupUnit.FromPath(path);
        if (IsUnit(unit) && !CgroupUnit.IsRuntime(unit))
        {
            return new CgroupOwner(CgroupOwnerKind.Unit, "", "", "", unit);
        }

        const string Lxc = "lxc:";
        if (unit.StartsWith(Lxc, StringComparison.Ordinal))
        {
            return new CgroupOwner(CgroupOwnerKind.Container, "lxc", unit[Lxc.Length..], "", "");
        }

        // no kubelet runs pods below a user's own manager, and there the user chooses the names
        var mayBePod = !unit.Contains(" (user ", StringComparison.Ordinal);
        var pod = "";
        for (var start = 0; start < path.Length;)
        {
            var slash = path[start..].IndexOf('/');
            var end = slash < 0 ? path.Length : start + slash;
            var name = path[start..end];
            var parents = path[..Math.Max(0, start - 1)];
            start = end + 1;

            // containerd with a systemd path has both in one name
            pod = pod.Length == 0 && mayBePod ? PodUidOf(name) : pod;
            if (CgroupUnit.RuntimeOf(name, parents, out var id) is { } runtime)
            {
                return new CgroupOwner(pod.Length > 0 ? CgroupOwnerKind.Pod : CgroupOwnerKind.Container, runtime, id.ToString(), pod, "");
            }
        }

        return pod.Length > 0 ? new CgroupOwner(CgroupOwnerKind.Pod, "", "", pod, "") : None;
    }

    /// <summary>Finds the uid of a pod in the name of a cgroup.</summary>
    /// <param name="name"><c>pod2f7b3c1a-…</c>, or <c>kubepods-burstable-pod2f7b3c1a_….slice</c>, which more may follow.</param>
    /// <returns>The uid with dashes. Empty if there is none.</returns>
    public static string PodUidOf(ReadOnlySpan<char> name)
    {
        const string Mark = "pod";
        var slice = name.LastIndexOf(".slice");
        var stem = slice < 0 ? name : name[..slice];
        var at = stem.LastIndexOf(Mark);
        if (at < 0 || (at > 0 && stem[at - 1] != '-'))
        {
            return "";
        }

        return Uid(stem[(at + Mark.Length)..]);
    }

    /// <summary>Returns the uid of a pod in its usual form.</summary>
    /// <param name="text">A UUID, with <c>_</c> instead of dashes from the systemd driver, or the 32 digits of a static pod.</param>
    /// <returns>Empty if it is neither.</returns>
    internal static string Uid(ReadOnlySpan<char> text)
    {
        if (text.Length == StaticUidLength)
        {
            return CgroupUnit.IsHex(text) ? text.ToString() : "";
        }

        if (text.Length != UuidLength)
        {
            return "";
        }

        for (var i = 0; i < text.Length; i++)
        {
            var isDash = i is 8 or 13 or 18 or 23;
            if (isDash ? text[i] is not ('-' or '_') : !char.IsAsciiHexDigitLower(text[i]))
            {
                return "";
            }
        }

        return text.ToString().Replace('_', '-');
    }

    /// <summary>Returns the text after the second colon. Empty if there are fewer than two.</summary>
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> line)
    {
        var first = line.IndexOf(':');
        var second = first < 0 ? -1 : line[(first + 1)..].IndexOf(':');
        return second < 0 ? [] : line[(first + second + 2)..];
    }

    private static ReadOnlySpan<char> Plain(ReadOnlySpan<char> path)
    {
        const string Deleted = " (deleted)";
        const string Above = "/..";
        if (path.EndsWith(Deleted))
        {
            path = path[..^Deleted.Length];
        }

        while (path.StartsWith(Above) && (path.Length == Above.Length || path[Above.Length] == '/'))
        {
            path = path[Above.Length..];
        }

        return path.Trim('/');
    }

    private static bool IsUnit(ReadOnlySpan<char> name)
    {
        // "nginx.service (user 1000)"
        var bracket = name.IndexOf(" (");
        var unit = bracket < 0 ? name : name[..bracket];
        return unit.EndsWith(".service") || unit.EndsWith(".scope") || unit.EndsWith(".socket");
    }
}
