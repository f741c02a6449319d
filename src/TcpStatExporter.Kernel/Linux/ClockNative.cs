using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>The kernel's clocks (clock_gettime(2), include/uapi/linux/time.h).</summary>
internal static partial class ClockNative
{
    /// <summary>CLOCK_REALTIME: since 1970.</summary>
    public const int RealTime = 0;

    /// <summary>CLOCK_BOOTTIME: since the host booted, sleep included.</summary>
    public const int BootTime = 7;

    /// <summary>What a clock shows; resolution 100 ns.</summary>
    /// <param name="clock">Number of a clock that every kernel has.</param>
    public static TimeSpan Read(int clock)
    {
        _ = ClockGetTime(clock, out var time);
        return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    /// <summary>struct timespec of a 64-bit kernel.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
