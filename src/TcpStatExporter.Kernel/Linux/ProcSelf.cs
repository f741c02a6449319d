using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Resource usage of this process, from <c>/proc/self</c>, which exists even if procfs shows only processes (subset=pid).
/// Allocates nothing after the first read. Not thread-safe.
/// </summary>
public sealed class ProcSelf : IDisposable
{
    private const string DescriptorDirectory = "/proc/self/fd";

    private readonly ProcFile _stat = new("/proc/self/stat");
    private readonly ProcFile _limits = new("/proc/self/limits");
    private readonly ProcFileBuffer _buffer;
    private ulong _bootSeconds;

    /// <summary>Creates a reader. Opens nothing yet.</summary>
    /// <param name="buffer">Buffer to read into. Other files may share it.</param>
    public ProcSelf(ProcFileBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = buffer;
    }

    /// <summary>Reads all values.</summary>
    /// <param name="usage">Receives the values. Unchanged if an error is returned.</param>
    /// <returns>The errors of <see cref="ProcFile.Read"/> and of the parsers.</returns>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public ReadResult Read(ref ProcessUsage usage)
    {
        var read = default(ProcessUsage);
        var result = _stat.Read(_buffer);
        if (result.IsOk)
        {
            result = PidStat.Parse(_buffer.Content, ref read).ToReadResult();
        }

        if (result.IsOk)
        {
            result = _limits.Read(_buffer);
        }

        if (result.IsOk)
        {
            result = PidLimits.ParseOpenFiles(_buffer.Content, out read.OpenFilesLimit).ToReadResult();
        }

        if (result.IsOk)
        {
            if (_bootSeconds == 0)
            {
                // only once: the two clocks are not read at the same moment, and the wall clock may be changed
                _bootSeconds = (ulong)(KernelClock.Read(KernelClock.RealTime) - KernelClock.Read(KernelClock.BootTime)).TotalSeconds;
            }

            read.BootSeconds = _bootSeconds;
            read.OpenFiles = CountOpenFiles();
            usage = read;
        }

        return result;
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _stat.Dispose();
        _limits.Dispose();
    }

    /// <summary>
    /// Returns the number of open descriptors of this process. Since Linux 6.2 this is the size of /proc/self/fd
    /// (proc_fd_getattr, fs/proc/fd.c). Older kernels report 0, so the directory is read instead.
    /// </summary>
    internal static ulong CountOpenFiles()
    {
        var known = Libc.Statx(Libc.AtCurrentDirectory, DescriptorDirectory, 0, Libc.StatxSize, out var info) == 0
            && info.Size > 0;
        return known ? info.Size : CountDirectoryEntries();
    }

    /// <summary>
    /// Counts them by reading the directory, without ".", ".." and the descriptor used to read it. Returns 0 if it cannot be
    /// opened.
    /// </summary>
    internal static ulong CountDirectoryEntries()
    {
        var directory = Libc.OpenDirectory(DescriptorDirectory);
        if (directory == 0)
        {
            return 0;
        }

        var entries = 0UL;
        while (Libc.ReadDirectory(directory) != 0)
        {
            entries++;
        }

        _ = Libc.CloseDirectory(directory);
        return entries - 3;
    }
}
