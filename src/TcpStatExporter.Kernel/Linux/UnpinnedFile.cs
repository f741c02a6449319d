using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A file of <c>/proc/PID/net</c> that is read again and again without keeping the network namespace of the process alive.
/// Reading allocates nothing. Not for use by several threads at once.
/// </summary>
/// <remarks>
/// An open file of <c>/proc/PID/net</c> holds its network namespace, with all its interfaces, until it is closed
/// (fs/proc/proc_net.c, seq_open_net). A descriptor of O_PATH holds only the place of the file in the tree. The file is
/// opened there anew for each read, by <c>/proc/self/fd/N</c>, and closed. That works for as long as the namespace lives, also
/// once the process is gone; afterwards the open fails with ENOENT or ENXIO. So it always is the same namespace, even where
/// another one got the same inode numbers meanwhile.
/// </remarks>
public sealed class UnpinnedFile : IDisposable
{
    private readonly SafeFileHandle _place;
    private readonly ProcFile _file;

    private UnpinnedFile(int descriptor)
    {
        _place = new SafeFileHandle(descriptor, ownsHandle: true);
        _file = new ProcFile($"/proc/self/fd/{descriptor.ToString(CultureInfo.InvariantCulture)}") { IsKeptOpen = false };
    }

    /// <summary>Finds a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="errno">Why there is none: of open(2).</param>
    /// <returns>Null if there is none, or this process may open no more files.</returns>
    public static UnpinnedFile? Find(string path, out int errno)
    {
        var descriptor = Libc.Open(path, Libc.OpenPathFlags);
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new UnpinnedFile(descriptor);
    }

    /// <summary>Reads the whole file.</summary>
    /// <param name="buffer">Takes its bytes; empty after an error.</param>
    /// <returns>As <see cref="ProcFile.Read"/> has it; <see cref="SourceError.NotFound"/> once the namespace is gone.</returns>
    /// <exception cref="ObjectDisposedException">Disposed.</exception>
    public ReadResult Read(ProcFileBuffer buffer) => _file.Read(buffer);

    /// <summary>Lets go of the file.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _place.Dispose();
    }
}
