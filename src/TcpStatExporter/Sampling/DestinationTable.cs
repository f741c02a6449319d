using System.Runtime.InteropServices;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Counts connections by destination in bounded memory and finds the busiest one. Exact up to <see cref="Capacity"/>
/// destinations. Above that it keeps the frequent ones (Misra and Gries, 1982), and counts may be too low by at most <see
/// cref="Undercount"/>.
/// </summary>
internal sealed class DestinationTable
{
    /// <summary>How many destinations can be counted separately.</summary>
    public const int Capacity = 65_536;

    private readonly Dictionary<Destination, Connections> _counts = [];
    private int[] _sorted = [];

    /// <summary>
    /// The most by which a count may be too low. 0 unless there were more than <see cref="Capacity"/> destinations.
    /// </summary>
    public int Undercount { get; private set; }

    /// <summary>Removes all destinations and keeps the memory.</summary>
    public void Clear()
    {
        _counts.Clear();
        Undercount = 0;
    }

    /// <summary>Counts one connection.</summary>
    /// <param name="destination">Its destination.</param>
    /// <param name="isTimeWait">It is in TIME_WAIT.</param>
    /// <param name="cgroupId">The cgroup that owns it. 0 if the source does not report it.</param>
    public void Add(in Destination destination, bool isTimeWait, ulong cgroupId = 0)
    {
        if (_counts.Count == Capacity && !_counts.ContainsKey(destination))
        {
            DropRareHalf();
        }

        ref var connections = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, destination, out _);
        connections.All++;
        connections.TimeWait += isTimeWait ? 1 : 0;
        connections.Vote(cgroupId);
    }

    /// <summary>Returns the destination with the most ports that connect(2) cannot use.</summary>
    /// <param name="reuse">tcp_tw_reuse: whether ports in TIME_WAIT can be reused. 0 counts all connections.</param>
    public DestinationPorts Busiest(long reuse)
    {
        var most = default(DestinationPorts);
        foreach (var (candidate, connections) in _counts)
        {
            var held = connections.All - (candidate.TakesOverTimeWait(reuse) ? connections.TimeWait : 0);
            if (held > most.Held || (held == most.Held && connections.All > most.Used))
            {
                most = new DestinationPorts(candidate, connections.All, connections.TimeWait, held) { CgroupId = connections.Owner };
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

        var next = 0;
        foreach (var connections in _counts.Values)
        {
            _sorted[next++] = connections.All;
        }

        Array.Sort(_sorted);
        var median = _sorted[Capacity / 2];
        foreach (var (destination, connections) in _counts)
        {
            if (connections.All <= median)
            {
                _counts.Remove(destination);
            }
            else
            {
                // each is too low by at most what is subtracted, and so is their difference
                CollectionsMarshal.GetValueRefOrNullRef(_counts, destination) =
                    connections with { All = connections.All - median, TimeWait = Math.Max(0, connections.TimeWait - median) };
            }
        }

        Undercount += median;
    }

    private struct Connections
    {
        public int All;
        public int TimeWait;
        public ulong Owner;
        private int _votes;

        /// <summary>
        /// Votes for an owner. The remaining owner has more than half of the votes, if any does (Boyer and Moore, 1981).
        /// </summary>
        public void Vote(ulong cgroupId)
        {
            if (cgroupId == 0)
            {
                return;
            }

            if (_votes == 0)
            {
                Owner = cgroupId;
            }

            _votes += Owner == cgroupId ? 1 : -1;
        }
    }
}
