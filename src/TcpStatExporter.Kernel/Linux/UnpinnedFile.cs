using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A file in <c>/proc/PID/net</c> that can be read repeatedly and does not keep the network namespace of the process alive.
/// Reading allocates nothing. Not thread-safe.
/// </summary>
/// <remarks>
/// An open file in <c>/proc/PID/net</c> pins its network namespace, with all its interfaces, until it is closed
/// (fs/proc/proc_net.c, seq_open_net). An O_PATH descriptor pins only the place of the file in the tree. Each read opens the
/// file there, through <c>/proc/self/fd/N</c>, and closes it again. This works while the namespace lives, even if the process
/// is gone. After that, open fails with ENOENT or ENXIO. So it is always the same namespace, even if a new one has the same
/// inode numbers.
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
    /// <param name="errno">The error of open(2). 0 if there was none.</param>
    /// <returns>Null if the file cannot be opened, for example because this process has no descriptor left.</returns>
    public static UnpinnedFile? Find(string path, out int errno)
    {
        var descriptor = Libc.Open(path, Libc.OpenPathFlags);
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new UnpinnedFile(descriptor);
    }

    /// <summary>Reads the whole file.</summary>
    /// <param name="buffer">Receives its bytes. Empty after an error.</param>
    /// <returns>Same as <see cref="ProcFile.Read"/>. <see cref="SourceError.NotFound"/> if the namespace is gone.</returns>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public ReadResult Read(ProcFileBuffer buffer) => _file.Read(buffer);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _place.Dispose();
    }
}
