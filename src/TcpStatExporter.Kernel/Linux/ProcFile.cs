using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A file of the kernel that is read again and again. While it lives on procfs its descriptor stays open, which keeps
/// serving the network namespace it was opened in and saves most of the cost of a read; a file elsewhere (a fixture)
/// is opened anew each time, so that one put in its place is seen. After an error it is opened anew, too: a file may
/// come back. Reading allocates nothing, errors included. Not for use by several threads at once.
/// </summary>
/// <param name="path">Path of the file. It need not exist.</param>
/// <param name="isIterated">The kernel prints the file row by row and gives a page a read at most (seq_open rather than single_open).</param>
/// <param name="within">The network namespace to open it in; by default that of the calling thread.</param>
public sealed class ProcFile(string path, bool isIterated = false, NetNamespace? within = null) : IDisposable
{
    private readonly Descriptor _descriptor = new();
    private bool _isKept;
    private bool _isDisposed;

    /// <summary>Path of the file.</summary>
    public string Path { get; } = path;

    /// <summary>Reads the whole file.</summary>
    /// <param name="buffer">Takes its bytes; empty after an error.</param>
    /// <returns>
    /// <see cref="SourceError.NotFound"/>, <see cref="SourceError.PermissionDenied"/> or <see cref="SourceError.Io"/>
    /// by errno; <see cref="SourceError.TooLarge"/> if the buffer may not grow to what the file has;
    /// <see cref="SourceError.Empty"/> for a file without a byte.
    /// </returns>
    /// <exception cref="ObjectDisposedException">Disposed.</exception>
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

    /// <summary>Begins a read: opens the file unless its descriptor was kept.</summary>
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

        _isKept = Libc.FileSystem(_descriptor, out var fileSystem) == 0
            && fileSystem.Type == Libc.ProcSuperMagic;
        return ReadResult.Ok;
    }

    /// <summary>
    /// Reads some bytes at an offset. The kernel walks its tables from the start for any offset but 0 and the one at
    /// which the last read ended (seq_read_iter and traverse, fs/seq_file.c), so read in order.
    /// </summary>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="offset">Where from.</param>
    /// <param name="count">Bytes read; 0 at the end of the file.</param>
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

    /// <summary>Ends a read: closes the file unless it lives on procfs and may be kept.</summary>
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
    /// One call where the buffer is large enough: what is read whole is mostly a file of /proc/sys or one that the kernel
    /// prints in one piece (single_open, fs/seq_file.c), so that a read which leaves room has reached the end. One that
    /// it prints row by row ends where a read gives nothing.
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

            // Anew from the start: a file of /proc/sys gives its all in one read or is cut to the buffer's length
            // (proc_do_large_bitmap), and what one read brings is of one moment.
            if (buffer.Free.IsEmpty && !buffer.TryGrow())
            {
                return ReadResult.Failed(SourceError.TooLarge);
            }
        }
    }

    private static ReadResult Failure() => ReadResult.Failed(Marshal.GetLastPInvokeError() switch
    {
        Errno.ENOENT or Errno.ESRCH or Errno.ENOTDIR => SourceError.NotFound,
        Errno.EPERM or Errno.EACCES => SourceError.PermissionDenied,
        _ => SourceError.Io,
    });

    /// <summary>One handle for the many descriptors that follow each other, so that opening anew allocates nothing.</summary>
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

        /// <summary>Closes the descriptor and leaves the handle usable.</summary>
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
