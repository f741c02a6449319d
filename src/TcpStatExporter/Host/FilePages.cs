using System.Globalization;

namespace TcpStatExporter.Host;

/// <summary>
/// Pages of the program and its libraries, mapped from their files. The kernel maps up to 64 KiB around each page that is
/// touched (fault-around, mm/memory.c), so that what runs once leaves much resident: the start, a first finding, a
/// method that the runtime has yet to compile. A daemon runs little of it ever after.
/// </summary>
internal static class FilePages
{
    private const string Path = "/proc/self/smaps";

    // include/uapi/asm-generic/mman-common.h
    private const int DontNeed = 4;

    /// <summary>
    /// Gives back those that were never changed. They stay in the page cache; what is needed again comes from there by a
    /// minor fault. It takes some milliseconds.
    /// </summary>
    /// <returns>Bytes that were resident; 0 where smaps cannot be read.</returns>
    public static long Release()
    {
        var released = 0L;
        try
        {
            (nint Start, nint Length) mapping = default;
            var resident = 0L;
            foreach (var line in File.ReadLines(Path))
            {
                if (line.StartsWith("Rss:", StringComparison.Ordinal))
                {
                    resident = Kilobytes(line) * 1024;
                }
                else if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
                {
                    // a page of a private mapping that was written to is anonymous, and would be lost
                    if (mapping.Length > 0 && resident > 0 && Kilobytes(line) == 0 && Libc.AdviseMemory(mapping.Start, mapping.Length, DontNeed) == 0)
                    {
                        released += resident;
                    }
                }
                else if (line.Contains('-', StringComparison.Ordinal) && !line.EndsWith("kB", StringComparison.Ordinal))
                {
                    mapping = OfFile(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // no procfs here, or a hidden one: everything stays where it is
        }

        return released;
    }

    /// <summary>Where a mapping lies, by "START-END PERMISSIONS OFFSET DEVICE INODE PATH" of proc(5); nothing where it is not of a file, or may be written to.</summary>
    private static (nint Start, nint Length) OfFile(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isOfFile = fields.Length >= 6 && fields[5].StartsWith('/') && !fields[5].StartsWith("/memfd:", StringComparison.Ordinal);
        if (!isOfFile || fields[1].Contains('w', StringComparison.Ordinal))
        {
            return default;
        }

        var ends = fields[0].Split('-');
        var start = Address(ends[0]);
        return (start, Address(ends[1]) - start);
    }

    private static nint Address(string hex) => nint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static long Kilobytes(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], NumberStyles.None, CultureInfo.InvariantCulture);
}
