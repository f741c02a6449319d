namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// System call errors. The numbers are those of include/uapi/asm-generic/errno.h, on every architecture that .NET supports.
/// </summary>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory.</summary>
    public const int ENOENT = 2;

    /// <summary>No such process.</summary>
    public const int ESRCH = 3;

    /// <summary>A signal interrupted the call.</summary>
    public const int EINTR = 4;

    /// <summary>No such device or address: the network namespace of a file of /proc/PID/net is gone.</summary>
    public const int ENXIO = 6;

    /// <summary>Not an open descriptor, or not of the right kind.</summary>
    public const int EBADF = 9;

    /// <summary>Nothing to read, or no room to write, without waiting.</summary>
    public const int EAGAIN = 11;

    /// <summary>Out of memory.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>Busy: a dump is still running on this socket.</summary>
    public const int EBUSY = 16;

    /// <summary>Not a directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files in the system.</summary>
    public const int ENFILE = 23;

    /// <summary>Too many open files in this process.</summary>
    public const int EMFILE = 24;

    /// <summary>The kernel does not have this system call.</summary>
    public const int ENOSYS = 38;

    /// <summary>Not a message of the protocol.</summary>
    public const int EPROTO = 71;

    /// <summary>The kernel does not have this protocol.</summary>
    public const int EPROTONOSUPPORT = 93;

    /// <summary>The kernel does not support the operation.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The kernel does not have this address family.</summary>
    public const int EAFNOSUPPORT = 97;

    /// <summary>No buffer space.</summary>
    public const int ENOBUFS = 105;

    /// <summary>Stale handle: another socket now has the endpoints of the requested one.</summary>
    public const int ESTALE = 116;
}
