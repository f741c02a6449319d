namespace TcpStatExporter.Sampling;

/// <summary>
/// Finds the first of many by rank in one pass, without sorting them all. Of two with the same rank, the one that was added
/// first stays in front. Allocates nothing.
/// </summary>
/// <param name="max">Maximum number that is kept.</param>
/// <typeparam name="T">What is ranked.</typeparam>
internal sealed class Ranking<T>(int max)
    where T : struct, IRanked<T>
{
    private readonly T[] _first = new T[max];

    /// <summary>Number that is kept.</summary>
    public int Count { get; private set; }

    /// <summary>The one at a place, 0 for the first.</summary>
    /// <param name="place">The place, less than <see cref="Count"/>.</param>
    public ref readonly T this[int place] => ref _first[place];

    /// <summary>Removes all.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds one, if it belongs to the first.</summary>
    /// <param name="candidate">The one.</param>
    public void Add(in T candidate)
    {
        var place = Count;
        while (place > 0 && candidate.Precedes(in _first[place - 1]))
        {
            place--;
        }

        if (place == max)
        {
            return;
        }

        Count = Math.Min(Count + 1, max);
        Array.Copy(_first, place, _first, place + 1, Count - place - 1);
        _first[place] = candidate;
    }
}
