using System.Buffers;

namespace TcpStatExporter.Kernel.Cgroup;

/// <summary>Name of a pod, as the kubelet uses it in file names.</summary>
/// <param name="Namespace">Its Kubernetes namespace.</param>
/// <param name="Pod">Its name.</param>
public readonly record struct PodName(string Namespace, string Pod)
{
    private const int MaxLength = 253;
    private const int RandomLength = 5;

    /// <summary>The characters of random names in Kubernetes: no vowels, no 0, 1 and 3.</summary>
    private static readonly SearchValues<char> Random = SearchValues.Create("bcdfghjklmnpqrstvwxz2456789");

    /// <summary>
    /// Parses the name of a directory in <c>/var/log/pods</c>: <c>NAMESPACE_POD_UID</c>. Names in Kubernetes contain no underscore.
    /// </summary>
    /// <param name="directory">The directory's name.</param>
    /// <param name="uid">The pod's uid.</param>
    /// <param name="name">The pod's name.</param>
    /// <returns>False if the name has another form.</returns>
    public static bool TryParseDirectory(ReadOnlySpan<char> directory, out string uid, out PodName name)
    {
        (uid, name) = ("", default);
        var first = directory.IndexOf('_');
        var last = directory.LastIndexOf('_');
        if (first < 0 || last <= first)
        {
            return false;
        }

        uid = CgroupOwner.Uid(directory[(last + 1)..]);
        return uid.Length > 0 && TryMake(directory[..first], directory[(first + 1)..last], out name);
    }

    /// <summary>Parses the name of a link in <c>/var/log/containers</c>: <c>POD_NAMESPACE_CONTAINER-ID.log</c>.</summary>
    /// <param name="file">The link's name.</param>
    /// <param name="containerId">The container's id.</param>
    /// <param name="name">The pod's name.</param>
    /// <param name="containerName">The container's name in the pod.</param>
    /// <returns>False if the name has another form.</returns>
    public static bool TryParseLog(ReadOnlySpan<char> file, out string containerId, out PodName name, out string containerName)
    {
        const string Suffix = ".log";
        const int IdLength = 64;
        (containerId, name, containerName) = ("", default, "");
        var first = file.IndexOf('_');
        var second = first < 0 ? -1 : file[(first + 1)..].IndexOf('_');
        if (second < 0 || !file.EndsWith(Suffix))
        {
            return false;
        }

        var container = file[(first + second + 2)..^Suffix.Length];
        if (container.Length <= IdLength || container[^(IdLength + 1)] != '-' || !CgroupUnit.IsHex(container[^IdLength..]))
        {
            return false;
        }

        containerId = container[^IdLength..].ToString();
        containerName = IsName(container[..^(IdLength + 1)]) ? container[..^(IdLength + 1)].ToString() : "";
        return TryMake(file[(first + 1)..(first + 1 + second)], file[..first], out name);
    }

    /// <summary>Finds the pod whose files are mounted into a process. The kubelet keeps them in <c>…/pods/UID/…</c>.</summary>
    /// <param name="mountInfo">Text of <c>/proc/PID/mountinfo</c>.</param>
    /// <returns>The uid of the pod. Empty if there is none.</returns>
    public static string UidOfMounts(ReadOnlySpan<char> mountInfo)
    {
        const string Folder = "/pods/";
        foreach (var line in mountInfo.EnumerateLines())
        {
            var rest = line;
            while (rest.IndexOf(Folder) is var at and >= 0)
            {
                rest = rest[(at + Folder.Length)..];
                var end = rest.IndexOf('/');
                if (end > 0 && CgroupOwner.Uid(rest[..end]) is { Length: > 0 } uid)
                {
                    return uid;
                }
            }
        }

        return "";
    }

    /// <summary>
    /// The workload that created the pod, guessed from its name. Pods of a Deployment are named <c>NAME-HASH-xxxxx</c>, those of
    /// a DaemonSet or Job <c>NAME-xxxxx</c>, those of a StatefulSet <c>NAME-0</c>. Other pods may have such names too.
    /// </summary>
    public string Workload
    {
        get
        {
            if (Pod is not { } pod)
            {
                return "";
            }

            var name = pod.AsSpan();
            var dash = name.LastIndexOf('-');
            if (dash <= 0)
            {
                return pod;
            }

            var tail = name[(dash + 1)..];
            if (tail.Length is > 0 and < RandomLength && tail.IndexOfAnyExceptInRange('0', '9') < 0)
            {
                return name[..dash].ToString();
            }

            if (tail.Length != RandomLength || tail.IndexOfAnyExcept(Random) >= 0)
            {
                return pod;
            }

            name = name[..dash];
            dash = name.LastIndexOf('-');
            var isHash = dash > 0 && name.Length - dash - 1 is >= 6 and <= 10 && name[(dash + 1)..].IndexOfAnyExcept(Random) < 0;
            return (isHash ? name[..dash] : name).ToString();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Pod}";

    private static bool TryMake(ReadOnlySpan<char> space, ReadOnlySpan<char> pod, out PodName name)
    {
        name = IsName(space) && IsName(pod) ? new PodName(space.ToString(), pod.ToString()) : default;
        return name.Pod is not null;
    }

    /// <summary>Lower-case letters, digits, dashes and dots (RFC 1123). The kubelet writes no other names.</summary>
    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter is not ('-' or '.'))
            {
                return false;
            }
        }

        return text.Length is > 0 and <= MaxLength;
    }
}
