using System.Diagnostics;

namespace TcpStatExporter.Testing.Lab;

/// <summary>Waiting for the kernel or a process, always with an end.</summary>
internal static class Wait
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until something holds.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="limit">How long at most; thirty seconds if not given.</param>
    /// <param name="pause">Time between two questions; five milliseconds if not given.</param>
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    public static void Until(Func<bool> condition, Func<string> what, TimeSpan? limit = null, TimeSpan? pause = null)
    {
        var started = Stopwatch.GetTimestamp();
        var most = limit ?? DefaultLimit;
        while (true)
        {
            // before the question: whoever was not run for a while asks once more
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
