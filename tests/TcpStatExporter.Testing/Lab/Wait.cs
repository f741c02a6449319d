using System.Diagnostics;

namespace TcpStatExporter.Testing.Lab;

/// <summary>Waits for the kernel or a process, always with a time limit.</summary>
internal static class Wait
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until a condition is true.</summary>
    /// <param name="condition">Checked repeatedly.</param>
    /// <param name="what">What the test waits for, for the error message.</param>
    /// <param name="limit">Time limit. Default: one minute.</param>
    /// <param name="pause">Pause between two checks. Default: five milliseconds.</param>
    /// <exception cref="TimeoutException">The condition was not true in time.</exception>
    public static void Until(Func<bool> condition, Func<string> what, TimeSpan? limit = null, TimeSpan? pause = null)
    {
        var started = Stopwatch.GetTimestamp();
        var most = limit ?? DefaultLimit;
        while (true)
        {
            // before the check: if this thread did not run for a while, it checks once more
            var isLate = Stopwatch.GetElapsedTime(started) > most;
            if (condition())
            {
                return;
            }

            if (isLate)
            {
                throw new TimeoutException($"Not within {most.TotalSeconds} s: {what()}");
            }

            Thread.Sleep(pause ?? DefaultPause);
        }
    }
}
