namespace TcpStatExporter.Kernel.Linux;

/// <summary>The kernel's clocks (clock_gettime(2), include/uapi/linux/time.h).</summary>
internal static class KernelClock
{
    /// <summary>CLOCK_REALTIME: time since 1970.</summary>
    public const int RealTime = 0;

    /// <summary>CLOCK_BOOTTIME: time since the host booted, including suspend.</summary>
    public const int BootTime = 7;

    /// <summary>Reads a clock. Resolution: 100 ns.</summary>
    /// <param name="clock">Number of a clock that every kernel has.</param>
    public static TimeSpan Read(int clock)
    {
        _ = Libc.ClockGetTime(clock, out var time);
        return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }
}
