namespace TcpStatExporter.Host;

/// <summary>The heap of the C library, from which native libraries take their memory: zlib some hundred KiB for each page it compresses.</summary>
internal static class NativeHeap
{
    // M_MMAP_THRESHOLD of malloc.h
    private const int MmapThreshold = -3;

    /// <summary>
    /// Makes each block of 64 KiB or more a mapping of its own, which goes back to the kernel when it is freed. By itself
    /// glibc does so from 128 KiB on, but raises that mark to the size of each such block that was freed, and the freed
    /// memory it keeps to twice as much, in an arena for each few threads (mallopt(3)).
    /// </summary>
    /// <returns>True if so; false with a C library that has no such setting, such as musl, which needs none.</returns>
    public static bool GiveBackLargeBlocks()
    {
        try
        {
            return Libc.SetAllocatorOption(MmapThreshold, 64 * 1024) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }
}
