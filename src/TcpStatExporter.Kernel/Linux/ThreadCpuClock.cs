namespace TcpStatExporter.Kernel.Linux;

/// <summary>CPU time of the calling thread (CLOCK_THREAD_CPUTIME_ID).</summary>
public static class ThreadCpuClock
{
    private const int ClockThreadCpuTimeId = 3;

    /// <summary>CPU time that the calling thread has used since it started, user plus system. Resolution: 100 ns.</summary>
    public static TimeSpan Now() => KernelClock.Read(ClockThreadCpuTimeId);
}
