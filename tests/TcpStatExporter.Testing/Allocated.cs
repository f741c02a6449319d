namespace TcpStatExporter.Testing;

/// <summary>Measures allocations on the managed heap.</summary>
internal static class Allocated
{
    private const int Runs = 5;

    /// <summary>
    /// Returns the bytes that <paramref name="action"/> allocates on this thread. The caller warms it up. The result is the
    /// minimum of a few runs, because a collection caused by another thread can distort the count of one run.
    /// </summary>
    /// <param name="action">The action to measure.</param>
    public static long By(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Runs && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
