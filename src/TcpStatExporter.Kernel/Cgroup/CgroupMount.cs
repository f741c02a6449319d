namespace TcpStatExporter.Kernel.Cgroup;

/// <summary>Where the cgroup2 hierarchy is mounted.</summary>
/// <param name="Path">The mount point.</param>
/// <param name="Root">
/// The directory of the hierarchy that is visible there, without a trailing slash. Empty for the root, or if unknown.
/// </param>
public readonly record struct CgroupMount(string Path, string Root)
{
    /// <summary>Finds the mount that shows the largest part of the hierarchy in a <c>/proc/PID/mountinfo</c>.</summary>
    /// <remarks>
    /// Printed by fs/proc_namespace.c, show_mountinfo(): id, parent, device, root, mount point, options, optional fields,
    /// "-", type, source, options. Blanks in paths are \040. Example: <c>35 25 0:30 / /sys/fs/cgroup/unified rw,relatime
    /// shared:10 - cgroup2 cgroup2 rw</c>. In a cgroup namespace, the root is relative to the namespace's own root:
    /// <c>/..</c> is above it.
    /// </remarks>
    /// <param name="mountInfo">The file's text.</param>
    /// <returns>Null if cgroup2 is not mounted.</returns>
    public static CgroupMount? Find(ReadOnlySpan<char> mountInfo)
    {
        CgroupMount? found = null;
        var most = int.MinValue;
        Span<Range> fields = stackalloc Range[6];
        foreach (var line in mountInfo.EnumerateLines())
        {
            var separator = line.IndexOf(" - ");
            if (separator < 0 || !line[(separator + 3)..].StartsWith("cgroup2 ") || line[..separator].Split(fields, ' ') < 6)
            {
                continue;
            }

            // each ".." is a level above the namespace's root, each name a level below it
            var root = Unescape(line[fields[3]]).TrimEnd('/');
            var above = Count(root, "/..");
            var height = (2 * above) - Count(root, "/");
            if (height > most)
            {
                most = height;
                found = new CgroupMount(Unescape(line[fields[4]]), above == 0 ? root : string.Empty);
            }
        }

        return found;
    }

    private static int Count(string text, string part) => text.AsSpan().Count(part);

    private static string Unescape(ReadOnlySpan<char> field) => field.ToString()
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);
}
