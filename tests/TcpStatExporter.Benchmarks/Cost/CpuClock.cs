using System.ComponentModel;
using System.Runtime.InteropServices;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>
/// Reads the CPU time of another process: all threads, user plus system, in nanoseconds (clock_getcpuclockid(3)).
/// </summary>
internal static partial class CpuClock
{
    // CPUCLOCK_SCHED of a process: its inverted pid above three bits (include/linux/posix-timers_types.h)
    private const int SchedClock = 2;

    /// <summary>Returns the CPU time of a process since it started.</summary>
    /// <param name="pid">The process.</param>
    public static TimeSpan Of(int pid)
    {
        if (ClockGetTime((~pid << 3) | SchedClock, out var time) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
