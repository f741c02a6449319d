using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A kernel file that is read repeatedly. On procfs its descriptor stays open: it keeps serving the network namespace it was
/// opened in, and this saves most of the cost of a read. A file elsewhere (a fixture) is reopened for each read, so a
/// replaced file is noticed. After an error, any file is reopened, because it may come back. Reads allocate nothing, even on
/// errors. Not thread-safe.
/// </summary>
/// <param name="path">Path of the file. It does not have to exist.</param>
/// <param name="isIterated">
/// The kernel prints the file row by row and returns at most one page per read (seq_open instead of single_open).
/// </param>
/// <param name="within">The network namespace to open it in. Default: that of the calling thread.</param>
public sealed class ProcFile(string path, bool isIterated = false, NetNamespace? within = null) : IDisposable
{
    private readonly Descriptor _descriptor = new();
    private bool _isKept;
    private bool _isDisposed;

    /// <summary>Path of the file.</summary>
    public string Path { get; } = path;

    /// <summary>
    /// Whether the descriptor stays open between reads where the file lives on procfs. False for a file of another process's
    /// network namespace: while it is open, the namespace cannot end.
    /// </summary>
    public bool IsKeptOpen { get; init; } = true;

    /// <summary>Reads the whole file.</summary>
    /// <param name="buffer">Receives the bytes. Empty after an error.</param>
    /// <returns>
    /// <see cref="SourceError.NotFound"/>, <see cref="SourceError.PermissionDenied"/> or <see cref="SourceError.Io"/>,
    /// depending on errno. <see cref="SourceError.TooLarge"/> if the file exceeds the buffer's limit. <see
    /// cref="SourceError.Empty"/> for an empty file.
    /// </returns>
    /// <exception cref="ObjectDisposedException">This object was disposed.</exception>
    public ReadResult Read(ProcFileBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var result = Open();
        if (result.IsOk)
        {
            result = ReadToEnd(buffer);
            Close(keep: result.IsOk);
        }

        if (!result.IsOk)
        {
            buffer.Length = 0;
        }

        return result;
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _descriptor.Dispose();
    }

    /// <summary>Starts a read. Opens the file unless its descriptor was kept open.</summary>
    internal ReadResult Open()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_descriptor.IsInvalid)
        {
            return ReadResult.Ok;
        }

        if (!TryOpen())
        {
            return Failure();
        }

        _isKept = IsKeptOpen && Libc.FileSystem(_descriptor, out var fileSystem) == 0
            && fileSystem.Type == Libc.ProcSuperMagic;
        return ReadResult.Ok;
    }

    /// <summary>
    /// Reads bytes at an offset. For any offset other than 0 or the end of the last read, the kernel walks its tables from
    /// the start (seq_read_iter and traverse, fs/seq_file.c). So read in order.
    /// </summary>
    /// <param name="buffer">Receives the bytes. Must not be empty.</param>
    /// <param name="offset">Offset to read from.</param>
    /// <param name="count">Bytes read. 0 at the end of the file.</param>
    internal unsafe ReadResult ReadAt(Span<byte> buffer, long offset, out int count)
    {
        nint read;
        fixed (byte* bytes = buffer)
        {
            do
            {
                read = Libc.ReadAt(_descriptor, bytes, (nuint)buffer.Length, offset);
            }
            while (read < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        }

        count = (int)Math.Max(read, 0);
        return read < 0 ? Failure() : ReadResult.Ok;
    }

    /// <summary>Ends a read. Closes the file unless it is on procfs and may be kept open.</summary>
    /// <param name="keep">False after an error.</param>
    internal void Close(bool keep)
    {
        if (!keep || !_isKept)
        {
            _descriptor.Close();
        }
    }

    private bool TryOpen()
    {
        if (within is null)
        {
            return _descriptor.TryOpen(Path);
        }

        if (!within.TryEnter(out var visit))
        {
            return false;
        }

        using (visit)
        {
            return _descriptor.TryOpen(Path);
        }
    }

    /// <summary>
    /// Usually needs one call. Files that are read whole are mostly in /proc/sys, or the kernel prints them in one piece
    /// (single_open, fs/seq_file.c). For these, a read that does not fill the buffer has reached the end. A file that the
    /// kernel prints row by row ends when a read returns nothing.
    /// </summary>
    private ReadResult ReadToEnd(ProcFileBuffer buffer)
    {
        buffer.Length = 0;
        while (true)
        {
            var result = ReadAt(buffer.Free, buffer.Length, out var count);
            if (!result.IsOk)
            {
                return result;
            }

            buffer.Length += count;
            if (count == 0 || (!isIterated && !buffer.Free.IsEmpty))
            {
                return buffer.Length == 0 ? ReadResult.Failed(SourceError.Empty) : ReadResult.Ok;
            }

            // Read again from the start. A file in /proc/sys returns everything in one read or is cut to the buffer's length
            // (proc_do_large_bitmap), and data from one read is from one moment.
            if (buffer.Free.IsEmpty && !buffer.TryGrow())
            {
                return ReadResult.Failed(SourceError.TooLarge);
            }
        }
    }

    private static ReadResult Failure() => ReadResult.Failed(Marshal.GetLastPInvokeError() switch
    {
        Errno.ENOENT or Errno.ESRCH or Errno.ENOTDIR or Errno.ENXIO => SourceError.NotFound,
        Errno.EPERM or Errno.EACCES => SourceError.PermissionDenied,
        _ => SourceError.Io,
    });

    /// <summary>One handle for a series of descriptors, so reopening a file allocates nothing.</summary>
    private sealed class Descriptor() : SafeHandle(invalidHandleValue: -1, ownsHandle: true)
    {
        public override bool IsInvalid => handle == -1;

        public bool TryOpen(string path)
        {
            int descriptor;
            do
            {
                descriptor = Libc.Open(path, Libc.OpenFlags);
            }
            while (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            SetHandle(descriptor);
            return descriptor >= 0;
        }

        /// <summary>Closes the descriptor but keeps the handle usable.</summary>
        public new void Close()
        {
            if (!IsInvalid)
            {
                ReleaseHandle();
            }
        }

        protected override bool ReleaseHandle()
        {
            var result = Libc.Close((int)handle);
            SetHandle(-1);
            return result == 0;
        }
    }
}
