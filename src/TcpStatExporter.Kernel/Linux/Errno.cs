namespace TcpStatExporter.Kernel.Linux;

/// <summary>Errors of system calls, as include/uapi/asm-generic/errno.h numbers them on every architecture .NET runs on.</summary>
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

    /// <summary>Nothing to read, or no room to write, without waiting.</summary>
    public const int EAGAIN = 11;

    /// <summary>Out of memory.</summary>
    public const int ENOMEM = 12;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>In use: a dump on this socket is still under way.</summary>
    public const int EBUSY = 16;

    /// <summary>Not a directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>Too many open files in the system.</summary>
    public const int ENFILE = 23;

    /// <summary>Too many open files in this process.</summary>
    public const int EMFILE = 24;

    /// <summary>The kernel has no such call.</summary>
    public const int ENOSYS = 38;

    /// <summary>The kernel has no such protocol.</summary>
    public const int EPROTONOSUPPORT = 93;

    /// <summary>The kernel does not support the operation.</summary>
    public const int EOPNOTSUPP = 95;

    /// <summary>The kernel has no such address family.</summary>
    public const int EAFNOSUPPORT = 97;

    /// <summary>No buffer space.</summary>
    public const int ENOBUFS = 105;
}
