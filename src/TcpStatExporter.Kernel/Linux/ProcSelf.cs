using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.Procfs;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// What this process uses, from <c>/proc/self</c>, which is there also where procfs shows processes alone (subset=pid).
/// Allocates nothing after the first read. Not for use by several threads at once.
/// </summary>
public sealed class ProcSelf : IDisposable
{
    private const string DescriptorDirectory = "/proc/self/fd";

    private readonly ProcFile _stat = new("/proc/self/stat");
    private readonly ProcFile _limits = new("/proc/self/limits");
    private readonly ProcFileBuffer _buffer;
    private ulong _bootSeconds;

    /// <summary>Prepares to read; nothing is opened yet.</summary>
    /// <param name="buffer">Memory to read into, which other files may share.</param>
    public ProcSelf(ProcFileBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = buffer;
    }

    /// <summary>Reads all figures.</summary>
    /// <param name="usage">Takes the figures; as it was before if an error is returned.</param>
    /// <returns>The errors of <see cref="ProcFile.Read"/> and of the parsers.</returns>
    /// <exception cref="ObjectDisposedException">Disposed.</exception>
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
                // once: the two clocks are not read at one moment, and the wall clock may be set
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
    /// Open descriptors of this process: since Linux 6.2 the size of /proc/self/fd (proc_fd_getattr, fs/proc/fd.c),
    /// which was 0 before; there the directory is walked.
    /// </summary>
    internal static ulong CountOpenFiles()
    {
        var known = Libc.Statx(Libc.AtCurrentDirectory, DescriptorDirectory, 0, Libc.StatxSize, out var info) == 0
            && info.Size > 0;
        return known ? info.Size : CountDirectoryEntries();
    }

    /// <summary>The same by walking the directory, less ".", ".." and the descriptor that the walk itself uses; 0 if it cannot be opened.</summary>
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
