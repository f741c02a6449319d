using System.Globalization;
using TcpStatExporter.Kernel.Cgroup;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Finds the processes that hold a socket by reading <c>/proc/PID/fd</c>, as ss -p does. Needs permission to inspect other
/// users' processes (root, CAP_SYS_PTRACE). Processes without that permission are left out.
/// </summary>
public static class SocketOwners
{
    private const string Prefix = "socket:[";

    /// <summary>Finds the processes that hold these sockets.</summary>
    /// <param name="procfsRoot">Where procfs is mounted.</param>
    /// <param name="inodes">Inodes of the sockets.</param>
    /// <returns>For each inode, "nginx[1234]" for each process that holds it, ordered by process id.</returns>
    public static IReadOnlyDictionary<ulong, IReadOnlyList<string>> Find(string procfsRoot, IReadOnlySet<ulong> inodes)
    {
        ArgumentNullException.ThrowIfNull(inodes);
        var found = new Dictionary<ulong, IReadOnlyList<string>>();
        foreach (var pid in Processes(procfsRoot))
        {
            var process = Path.Combine(procfsRoot, pid.ToString(CultureInfo.InvariantCulture));
            string? name = null;
            foreach (var inode in Sockets(Path.Combine(process, "fd")))
            {
                if (!inodes.Contains(inode))
                {
                    continue;
                }

                name ??= $"{Command(process)}[{pid.ToString(CultureInfo.InvariantCulture)}]";
                if (!found.TryGetValue(inode, out var names))
                {
                    found.Add(inode, names = new List<string>());
                }

                if (!names.Contains(name, StringComparer.Ordinal))
                {
                    ((List<string>)names).Add(name);
                }
            }
        }

        return found;
    }

    /// <summary>Whether this process may look at those of other users: whether it can list what process 1 has open.</summary>
    /// <param name="procfsRoot">Where procfs is mounted.</param>
    public static bool MayLook(string procfsRoot)
    {
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(Path.Combine(procfsRoot, "1", "fd")).GetEnumerator();
            return entries.MoveNext();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Finds the units of sockets: of the process that holds one, by its cgroup. Process 1 holds the sockets that it hands to
    /// services, and counts only where nobody else has one.
    /// </summary>
    /// <param name="procfsRoot">Where procfs is mounted.</param>
    /// <param name="inodes">Inodes of the sockets.</param>
    /// <returns>The unit by inode, of those that somebody holds; empty where the cgroup names none.</returns>
    public static Dictionary<ulong, string> FindUnits(string procfsRoot, IReadOnlySet<ulong> inodes)
    {
        ArgumentNullException.ThrowIfNull(inodes);
        var found = new Dictionary<ulong, string>();
        var ofFirst = new HashSet<ulong>();
        foreach (var pid in Processes(procfsRoot))
        {
            var process = Path.Combine(procfsRoot, pid.ToString(CultureInfo.InvariantCulture));
            string? unit = null;
            foreach (var inode in Sockets(Path.Combine(process, "fd")))
            {
                if (inodes.Contains(inode) && (!found.ContainsKey(inode) || ofFirst.Remove(inode)))
                {
                    found[inode] = unit ??= Unit(process);
                    if (pid == 1)
                    {
                        ofFirst.Add(inode);
                    }
                }
            }
        }

        return found;
    }

    private static string Unit(string process)
    {
        const string Unified = "0::";
        try
        {
            foreach (var line in File.ReadLines(Path.Combine(process, "cgroup")))
            {
                if (line.StartsWith(Unified, StringComparison.Ordinal))
                {
                    return CgroupUnit.FromPath(line.AsSpan(Unified.Length));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it ended meanwhile
        }

        return "";
    }

    private static List<int> Processes(string procfsRoot)
    {
        var pids = new List<int>();
        try
        {
            foreach (var path in Directory.EnumerateDirectories(procfsRoot))
            {
                if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                {
                    pids.Add(pid);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // return what was found so far
        }

        pids.Sort();
        return pids;
    }

    /// <summary>Returns the inodes of a process's open sockets. Empty if the process ended or may not be inspected.</summary>
    private static List<ulong> Sockets(string folder)
    {
        var inodes = new List<ulong>();
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder))
            {
                if (SymbolicLink.Target(path) is { } target && target.StartsWith(Prefix, StringComparison.Ordinal) && target[^1] == ']'
                    && ulong.TryParse(target.AsSpan(Prefix.Length, target.Length - Prefix.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                {
                    inodes.Add(inode);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the process ended meanwhile, or may not be inspected
        }

        return inodes;
    }

    private static string Command(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
