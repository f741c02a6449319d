namespace TcpStatExporter.Sampling;

/// <summary>
/// Objects that are used again once nobody holds a lease on them: as many as were ever leased at a time, which is what
/// the readers hold and one more. Not for several threads at once.
/// </summary>
/// <typeparam name="T">What is leased.</typeparam>
internal sealed class LeasePool<T>
    where T : Leased, new()
{
    private readonly List<T> _all = [];

    /// <summary>An object that nobody else holds, with one lease on it. It holds what was written to it last.</summary>
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
