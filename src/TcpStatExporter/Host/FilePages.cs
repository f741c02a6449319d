using System.Globalization;

namespace TcpStatExporter.Host;

/// <summary>
/// Pages of the program and its libraries that are mapped from files. The kernel maps up to 64 KiB around each page that is
/// touched (fault-around, mm/memory.c). So code that runs only once leaves many resident pages: startup, a first finding, a
/// method that has to be compiled. A daemon uses few of them later.
/// </summary>
internal static class FilePages
{
    private const string Path = "/proc/self/smaps";

    // include/uapi/asm-generic/mman-common.h
    private const int DontNeed = 4;

    /// <summary>
    /// Releases pages that were never modified. They stay in the page cache. If one is needed again, it costs a minor fault.
    /// Takes a few milliseconds.
    /// </summary>
    /// <returns>Bytes that were resident. 0 if smaps cannot be read.</returns>
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
                    // a modified page of a private mapping is anonymous: its content would be lost
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
            // procfs is missing or hidden: release nothing
        }

        return released;
    }

    /// <summary>
    /// Parses "START-END PERMISSIONS OFFSET DEVICE INODE PATH" of proc(5). Returns nothing if the mapping has no file or is
    /// writable.
    /// </summary>
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
