namespace TcpStatExporter.Kernel.Linux;

/// <summary>The kernel's clocks (clock_gettime(2), include/uapi/linux/time.h).</summary>
internal static class KernelClock
{
    /// <summary>CLOCK_REALTIME: since 1970.</summary>
    public const int RealTime = 0;

    /// <summary>CLOCK_BOOTTIME: since the host booted, sleep included.</summary>
    public const int BootTime = 7;

    /// <summary>What a clock shows; resolution 100 ns.</summary>
    /// <param name="clock">Number of a clock that every kernel has.</param>
    public static TimeSpan Read(int clock)
    {
        _ = Libc.ClockGetTime(clock, out var time);
        return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }
}
