namespace TcpStatExporter.Sampling;

/// <summary>
/// A pool of objects that are reused when nobody holds a lease on them. It contains as many as were ever leased at the same
/// time: those of the readers plus one. Not thread-safe.
/// </summary>
/// <typeparam name="T">The leased type.</typeparam>
internal sealed class LeasePool<T>
    where T : Leased, new()
{
    private readonly List<T> _all = [];

    /// <summary>Returns an object that nobody else holds, with one lease on it. It still has its old content.</summary>
    public T Rent()
    {
        foreach (var item in _all)
        {
            if (item.Leases == 0)
            {
                item.Leases = 1;
                return item;
            }
        }

        var made = new T { Leases = 1 };
        _all.Add(made);
        return made;
    }
}
