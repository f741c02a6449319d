using System.Runtime.InteropServices;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>CPU time of the calling thread (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).</summary>
public static partial class ThreadCpuClock
{
    private const int ClockThreadCpuTimeId = 3;

    /// <summary>CPU time that the calling thread has used since it began, user and system together; resolution 100 ns.</summary>
    public static TimeSpan Now()
    {
        _ = ClockGetTime(ClockThreadCpuTimeId, out var time);
        return new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    /// <summary>struct timespec of a 64-bit kernel (include/uapi/linux/time.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
