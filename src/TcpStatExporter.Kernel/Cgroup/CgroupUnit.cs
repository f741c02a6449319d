using System.Globalization;

namespace TcpStatExporter.Kernel.Cgroup;

/// <summary>Names the owner of a cgroup: a systemd unit, a container, or nothing.</summary>
/// <remarks>
/// Whether a name can be trusted depends on who gave it. systemd creates slices and the units in them. Below a unit, its
/// owner may have created cgroups with any name. So the outermost unit decides: cgroups that a service creates below its own
/// (Delegate=) belong to the service. Units of a user's own manager are reported with the user: <c>nginx.service (user
/// 1000)</c>. Names are reported as systemd prints them, including <c>\x2d</c> and instances. Names that change at each start
/// are omitted if there is another one: sessions, transient units of systemd-run and desktop applications are reported as
/// their slice. Containers are named by id: <c>docker:</c>, <c>podman:</c>, <c>containerd:</c> or <c>crio:</c> and the twelve
/// digits that the runtimes' tools print too, <c>container:</c> if the path does not show the runtime, or <c>lxc:</c> and its
/// name. A nested container is reported with the outer one in brackets. Units inside a container are reported as the
/// container. Names are printed on terminals, so every character that no unit name may contain becomes a question mark,
/// including blanks and brackets. So nobody can forge the brackets.
/// </remarks>
public static class CgroupUnit
{
    /// <summary>NAME_MAX: no directory name is longer, in bytes and so in characters.</summary>
    private const int MaxLength = 255;

    private const int ContainerIdLength = 64;
    private const int ShortIdLength = 12;

    /// <summary>Services that have the cgroups of containers below their own.</summary>
    private static readonly string[] Runtimes = ["containerd", "crio", "docker", "k0s", "k3s", "kubelet", "podman", "rke2", "snap.docker", "snap.microk8s"];

    /// <summary>Returns the name for a path.</summary>
    /// <param name="path">Path below the root of the cgroup2 hierarchy, <c>/system.slice/nginx.service</c>.</param>
    /// <returns>Empty if nothing on the path identifies an owner.</returns>
    public static string FromPath(ReadOnlySpan<char> path) => Name(path.Trim('/'), isUsers: false);

    /// <summary>Returns the outermost owner.</summary>
    /// <param name="path">Path below the root, or below a user's manager.</param>
    /// <param name="isUsers">The path belongs to a user's manager, which does not start managers of other users.</param>
    private static string Name(ReadOnlySpan<char> path, bool isUsers)
    {
        var runtime = string.Empty;
        for (var start = 0; start < path.Length;)
        {
            var slash = path[start..].IndexOf('/');
            var end = slash < 0 ? path.Length : start + slash;
            var name = path[start..end];
            var parents = path[..Math.Max(0, start - 1)];
            var below = path[Math.Min(end + 1, path.Length)..];
            start = end + 1;

            // systemd adds an underscore to a name that the kernel might use itself: "_cpu.service"
            var unit = name.StartsWith("_") ? name[1..] : name;
            if (Container(unit, parents) is { } container)
            {
                return Innermost(below) is { } inner ? $"{inner} ({container})" : container;
            }

            if (runtime.Length > 0)
            {
                continue;
            }

            if (!isUsers && UserOf(unit) is { IsEmpty: false } user)
            {
                // init.scope is the manager itself
                return Name(below, isUsers: true) is { Length: > 0 } own and not "init.scope" ? $"{own} (user {user})" : Clean(unit);
            }

            if (IsTransient(unit))
            {
                return Slice(parents);
            }

            // the first process of the host is not a unit below another one
            if (IsUnit(unit) && (parents.IsEmpty || !unit.SequenceEqual("init.scope")))
            {
                if (!IsRuntime(unit))
                {
                    return Clean(unit);
                }

                // this is the runtime, unless there is a container below
                runtime = Clean(unit);
            }

        }

        return runtime;
    }

    /// <summary>Returns the innermost container on a path. Null if there is none.</summary>
    private static string? Innermost(ReadOnlySpan<char> path)
    {
        while (!path.IsEmpty)
        {
            var slash = path.LastIndexOf('/');
            var parents = path[..Math.Max(slash, 0)];
            if (Container(path[(slash + 1)..], parents) is { } container)
            {
                return container;
            }

            path = parents;
        }

        return null;
    }

    /// <summary>Returns the user of a manager: "1000" for <c>user@1000.service</c>. Empty if it is something else.</summary>
    private static ReadOnlySpan<char> UserOf(ReadOnlySpan<char> unit)
    {
        const string Prefix = "user@";
        const string Suffix = ".service";
        if (!unit.StartsWith(Prefix) || !unit.EndsWith(Suffix) || unit.Length <= Prefix.Length + Suffix.Length)
        {
            return [];
        }

        var user = unit[Prefix.Length..^Suffix.Length];
        return user.IndexOfAnyExceptInRange('0', '9') < 0 ? user : [];
    }

    /// <summary>Whether a unit is a container runtime, below which those of containers lie.</summary>
    internal static bool IsRuntime(ReadOnlySpan<char> unit)
    {
        foreach (var runtime in Runtimes)
        {
            if (unit.StartsWith(runtime))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Replaces each of these with a question mark: control characters (ESC, the C1 set), characters that change the text
    /// direction, unpaired surrogates, blanks and brackets.
    /// </summary>
    internal static string Clean(ReadOnlySpan<char> name)
    {
        Span<char> clean = stackalloc char[MaxLength];
        var length = Math.Min(name.Length, MaxLength);
        for (var i = 0; i < length; i++)
        {
            clean[i] = char.GetUnicodeCategory(name[i]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator
                or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
                ? '?'
                : name[i];
        }

        return clean[..length].ToString();
    }

    private static bool IsUnit(ReadOnlySpan<char> name) =>
        name.EndsWith(".service") || name.EndsWith(".scope") || name.EndsWith(".socket");

    /// <summary>
    /// Matches session-3.scope (logind), app-….scope and vte-spawn-….scope (desktops), and the numbered units of systemd-run.
    /// </summary>
    private static bool IsTransient(ReadOnlySpan<char> name) =>
        IsNumberedRun(name)
        || (name.EndsWith(".scope") && (name.StartsWith("session-") || name.StartsWith("app-") || name.StartsWith("vte-spawn-")));

    /// <summary>
    /// Matches run-u7.service (bus name), run-p7-i9.scope (pid, invocation), and run-r with 32 hexadecimal digits (random).
    /// </summary>
    private static bool IsNumberedRun(ReadOnlySpan<char> name)
    {
        const string Prefix = "run-";
        if (!name.StartsWith(Prefix) || name.Length <= Prefix.Length + 1)
        {
            return false;
        }

        var number = name[(Prefix.Length + 1)..];
        return name[Prefix.Length] switch
        {
            'u' or 'p' => char.IsAsciiDigit(number[0]),
            'r' => number.Length >= 32 && IsHex(number[..32]),
            _ => false,
        };
    }

    private static string Slice(ReadOnlySpan<char> path)
    {
        while (!path.IsEmpty)
        {
            var slash = path.LastIndexOf('/');
            var name = path[(slash + 1)..];
            if (name.EndsWith(".slice"))
            {
                return Clean(name);
            }

            path = path[..Math.Max(slash, 0)];
        }

        return string.Empty;
    }

    private static string? Container(ReadOnlySpan<char> name, ReadOnlySpan<char> parents)
    {
        // /lxc.payload.web, or /lxc/web in older versions
        const string Payload = "lxc.payload.";
        if (parents.IsEmpty && name.StartsWith(Payload) && name.Length > Payload.Length)
        {
            return $"lxc:{Clean(name[Payload.Length..])}";
        }

        if (parents is "lxc")
        {
            return $"lxc:{Clean(name)}";
        }

        return RuntimeOf(name, parents, out var id) is { } runtime ? $"{runtime}:{id[..ShortIdLength]}" : null;
    }

    /// <summary>The runtime that made a container's cgroup.</summary>
    /// <param name="name">Name of the cgroup.</param>
    /// <param name="parents">Path of its parents.</param>
    /// <param name="id">The container's id, 64 hexadecimal digits.</param>
    /// <returns>Null if it is not a container's.</returns>
    internal static string? RuntimeOf(ReadOnlySpan<char> name, ReadOnlySpan<char> parents, out ReadOnlySpan<char> id)
    {
        // systemd driver: "docker-<id>.scope". cgroupfs driver: "<id>", "libpod-<id>", "crio-<id>". containerd with a systemd
        // path but the cgroupfs driver: "kubepods-….slice:cri-containerd:<id>"
        id = [];
        var stem = name.EndsWith(".scope") ? name[..^".scope".Length] : name;
        if (stem.Length < ContainerIdLength || !IsHex(stem[^ContainerIdLength..]))
        {
            return null;
        }

        id = stem[^ContainerIdLength..];
        var prefix = stem[..^ContainerIdLength];
        return prefix switch
        {
            "docker-" => "docker",
            "libpod-" or "libpod-conmon-" => "podman",
            "cri-containerd-" or "nerdctl-" => "containerd",
            "crio-" or "crio-conmon-" => "crio",
            "" => OfParents(parents),
            _ when prefix.EndsWith(":cri-containerd:") => "containerd",
            _ when prefix.EndsWith(":crio:") => "crio",
            _ when prefix.EndsWith(":docker:") => "docker",
            _ => null,
        };
    }

    private static string OfParents(ReadOnlySpan<char> parents)
    {
        var parent = parents[(parents.LastIndexOf('/') + 1)..];
        return parent switch
        {
            "docker" => "docker",
            "libpod_parent" => "podman",
            _ => "container",
        };
    }

    internal static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigitLower(digit))
            {
                return false;
            }
        }

        return true;
    }
}
