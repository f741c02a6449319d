using System.Runtime.InteropServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Counts connections by destination in bounded memory and finds the busiest. Exact up to <see cref="Capacity"/>
/// destinations; beyond that it keeps the frequent ones (Misra and Gries, 1982) and may count one too low by at most
/// <see cref="Undercount"/>.
/// </summary>
internal sealed class DestinationTable
{
    /// <summary>Destinations that are told apart.</summary>
    public const int Capacity = 65_536;

    private readonly Dictionary<Destination, int> _counts = [];
    private int[] _sorted = [];

    /// <summary>By how much a count may be too low: 0 unless there were more destinations than <see cref="Capacity"/>.</summary>
    public int Undercount { get; private set; }

    /// <summary>Forgets all destinations and keeps the memory.</summary>
    public void Clear()
    {
        _counts.Clear();
        Undercount = 0;
    }

    /// <summary>Counts one connection.</summary>
    /// <param name="destination">Where it goes.</param>
    public void Add(in Destination destination)
    {
        if (_counts.Count == Capacity && !_counts.ContainsKey(destination))
        {
            DropRareHalf();
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_counts, destination, out _)++;
    }

    /// <summary>The destination counted most.</summary>
    /// <param name="destination">The destination; default where there is none.</param>
    /// <returns>Its connections; 0 where there is none.</returns>
    public int Busiest(out Destination destination)
    {
        destination = default;
        var most = 0;
        foreach (var (candidate, count) in _counts)
        {
            if (count > most)
            {
                most = count;
                destination = candidate;
            }
        }

        return most;
    }

    private void DropRareHalf()
    {
        if (_sorted.Length != Capacity)
        {
            _sorted = new int[Capacity];
        }

        _counts.Values.CopyTo(_sorted, 0);
        Array.Sort(_sorted);
        var median = _sorted[Capacity / 2];
        foreach (var (destination, count) in _counts)
        {
            if (count <= median)
            {
                _counts.Remove(destination);
            }
            else
            {
                CollectionsMarshal.GetValueRefOrNullRef(_counts, destination) = count - median;
            }
        }

        Undercount += median;
    }
}
