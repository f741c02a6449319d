namespace TcpStatExporter.Host;

/// <summary>
/// The C library's heap, which native libraries use. zlib takes some hundred KiB for each page that it compresses.
/// </summary>
internal static class NativeHeap
{
    // M_MMAP_THRESHOLD in malloc.h
    private const int MmapThreshold = -3;

    /// <summary>
    /// Makes each block of 64 KiB or more a separate mapping, which returns to the kernel when it is freed. By default, glibc
    /// does this from 128 KiB on. But it raises that threshold to the size of each freed block, and the amount of freed
    /// memory that it keeps to twice that, in one arena for every few threads (mallopt(3)).
    /// </summary>
    /// <returns>True if set. False if the C library has no such setting, such as musl, which does not need it.</returns>
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
