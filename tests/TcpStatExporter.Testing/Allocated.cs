namespace TcpStatExporter.Testing;

/// <summary>What something takes of the managed heap.</summary>
internal static class Allocated
{
    private const int Runs = 5;

    /// <summary>
    /// Bytes that <paramref name="action"/> allocates on this thread, warmed up by the caller: the least of a few runs,
    /// since a collection that another thread brings about may leave its mark on the count of one.
    /// </summary>
    /// <param name="action">What allocates, or does not.</param>
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
