namespace TcpStatExporter.Kernel.Procfs;

/// <summary>What a process uses, in the kernel's units.</summary>
public struct ProcessUsage
{
    /// <summary>Clock ticks a second in <see cref="UserTicks"/>, <see cref="SystemTicks"/> and <see cref="StartTicks"/>: USER_HZ, 100 on every architecture that .NET runs on.</summary>
    public const int TicksPerSecond = 100;

    /// <summary>Time in user mode, all threads, clock ticks.</summary>
    public ulong UserTicks;

    /// <summary>Time in kernel mode, all threads, clock ticks.</summary>
    public ulong SystemTicks;

    /// <summary>Threads.</summary>
    public ulong Threads;

    /// <summary>When it started, clock ticks after boot.</summary>
    public ulong StartTicks;

    /// <summary>Address space, bytes.</summary>
    public ulong VirtualBytes;

    /// <summary>Memory present, pages of <see cref="Environment.SystemPageSize"/>.</summary>
    public ulong ResidentPages;

    /// <summary>Open file descriptors.</summary>
    public ulong OpenFiles;

    /// <summary>Soft limit of open file descriptors; <see cref="ulong.MaxValue"/> for none.</summary>
    public ulong OpenFilesLimit;

    /// <summary>When the host booted, seconds since 1970.</summary>
    public ulong BootSeconds;
}
