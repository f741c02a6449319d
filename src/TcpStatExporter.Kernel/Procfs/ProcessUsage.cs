namespace TcpStatExporter.Kernel.Procfs;

/// <summary>Resource usage of a process, in the kernel's units.</summary>
public struct ProcessUsage
{
    /// <summary>
    /// Clock ticks per second in <see cref="UserTicks"/>, <see cref="SystemTicks"/> and <see cref="StartTicks"/>: USER_HZ,
    /// 100 on every architecture that .NET supports.
    /// </summary>
    public const int TicksPerSecond = 100;

    /// <summary>Time in user mode, all threads, in clock ticks.</summary>
    public ulong UserTicks;

    /// <summary>Time in kernel mode, all threads, in clock ticks.</summary>
    public ulong SystemTicks;

    /// <summary>Threads.</summary>
    public ulong Threads;

    /// <summary>When it started, in clock ticks after boot.</summary>
    public ulong StartTicks;

    /// <summary>Address space, in bytes.</summary>
    public ulong VirtualBytes;

    /// <summary>Resident memory, in pages of <see cref="Environment.SystemPageSize"/>.</summary>
    public ulong ResidentPages;

    /// <summary>Open file descriptors.</summary>
    public ulong OpenFiles;

    /// <summary>Soft limit of open file descriptors. <see cref="ulong.MaxValue"/> if unlimited.</summary>
    public ulong OpenFilesLimit;

    /// <summary>When the host booted, in seconds since 1970.</summary>
    public ulong BootSeconds;
}
