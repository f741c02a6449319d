using System.Globalization;

namespace TcpStatExporter.Kernel.Cgroup;

/// <summary>The name of what owns a cgroup: a systemd unit, a container, or nothing.</summary>
/// <remarks>
/// The innermost directory that names something decides, so that the cgroups a service makes below its own
/// (Delegate=) are the service, and a container in a container is the inner one. Names are told as systemd prints
/// them, <c>\x2d</c> and instances included. What changes at each start is left out where there is another name:
/// sessions, transient units of systemd-run and desktop applications are told as their slice. A container has no
/// other name here than its id: <c>docker:</c>, <c>podman:</c>, <c>containerd:</c> or <c>crio:</c> and the twelve
/// digits that the runtimes' tools print too, <c>container:</c> where the path does not say whose it is. Whoever may
/// make a cgroup may call it anything, and a name goes to terminals: what no unit may have in its name is a question
/// mark here.
/// </remarks>
public static class CgroupUnit
{
    /// <summary>NAME_MAX: no directory has a longer name, in bytes and so in characters.</summary>
    private const int MaxLength = 255;

    private const int ContainerIdLength = 64;
    private const int ShortIdLength = 12;

    /// <summary>The name for a path.</summary>
    /// <param name="path">Path below the root of the cgroup2 hierarchy, <c>/system.slice/nginx.service</c>.</param>
    /// <returns>Empty if nothing on the path names an owner.</returns>
    public static string FromPath(ReadOnlySpan<char> path)
    {
        for (var rest = path.TrimEnd('/'); !rest.IsEmpty;)
        {
            var slash = rest.LastIndexOf('/');
            var parents = rest[..Math.Max(slash, 0)];

            // systemd puts an underscore before a name that the kernel might use itself: "_cpu.service"
            var name = rest[(slash + 1)..];
            var unit = name.StartsWith("_") ? name[1..] : name;

            var container = Container(unit, parents);
            if (container is not null)
            {
                return container;
            }

            if (IsTransient(unit))
            {
                return Slice(parents);
            }

            // init.scope of a user's or a container's manager is that manager, named further out
            if (IsUnit(unit) && !(unit.SequenceEqual("init.scope") && !parents.IsEmpty))
            {
                return Clean(unit);
            }

            rest = parents;
        }

        return string.Empty;
    }

    /// <summary>Control characters (ESC, the C1 set), those that turn the direction of writing, and half characters, as a question mark each.</summary>
    private static string Clean(ReadOnlySpan<char> name)
    {
        Span<char> clean = stackalloc char[MaxLength];
        var length = Math.Min(name.Length, MaxLength);
        for (var i = 0; i < length; i++)
        {
            clean[i] = char.GetUnicodeCategory(name[i]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                ? '?'
                : name[i];
        }

        return clean[..length].ToString();
    }

    private static bool IsUnit(ReadOnlySpan<char> name) =>
        name.EndsWith(".service") || name.EndsWith(".scope") || name.EndsWith(".socket");

    /// <summary>session-3.scope (logind), app-….scope and vte-spawn-….scope (desktops), and what systemd-run numbers.</summary>
    private static bool IsTransient(ReadOnlySpan<char> name) =>
        IsNumberedRun(name)
        || (name.EndsWith(".scope") && (name.StartsWith("session-") || name.StartsWith("app-") || name.StartsWith("vte-spawn-")));

    /// <summary>run-u7.service (bus name), run-p7-i9.scope (pid, invocation), run-r and 32 hexadecimal digits (random).</summary>
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
        // systemd driver: "docker-<id>.scope"; cgroupfs driver: "<id>", "libpod-<id>", "crio-<id>"; containerd
        // told a systemd path but driving cgroupfs: "kubepods-….slice:cri-containerd:<id>"
        var stem = name.EndsWith(".scope") ? name[..^".scope".Length] : name;
        if (stem.Length < ContainerIdLength || !IsHex(stem[^ContainerIdLength..]))
        {
            return null;
        }

        var id = stem[^ContainerIdLength..][..ShortIdLength];
        var prefix = stem[..^ContainerIdLength];
        var runtime = prefix switch
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
        return runtime is null ? null : $"{runtime}:{id}";
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

    private static bool IsHex(ReadOnlySpan<char> text)
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
