namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Counts connections by remote endpoint and owner, in bounded memory. Exact up to <see cref="Capacity"/> different pairs.
/// With more, it keeps the frequent ones (Misra and Gries, 1982), and no count is ever too high. A port scan cannot push out
/// a pair that has more connections than <see cref="Undercount"/>.
/// </summary>
public sealed class EndpointCounts
{
    /// <summary>How many different pairs of remote endpoint and owner can be counted.</summary>
    public const int Capacity = 4096;

    private readonly ValueList<EndpointCount> _counts = new();

    // open addressing into _counts: 0 is free, otherwise index + 1; at most half full
    private int[] _slots = new int[64];

    /// <summary>The most by which a count may be too low. 0 unless there were more than <see cref="Capacity"/> pairs.</summary>
    public int Undercount { get; private set; }

    /// <summary>The counts, in no particular order.</summary>
    public ReadOnlySpan<EndpointCount> Span => _counts.Span;

    /// <summary>Removes all counts and keeps the memory.</summary>
    public void Clear()
    {
        if (_counts.Count != 0)
        {
            Array.Clear(_slots);
        }

        _counts.Clear();
        Undercount = 0;
    }

    /// <summary>Counts one connection.</summary>
    /// <param name="address">Remote address.</param>
    /// <param name="port">Remote port.</param>
    /// <param name="cgroupId">The owner's cgroup.</param>
    /// <param name="isResent">The connection has retransmitted its last segment.</param>
    /// <param name="isLocal">The remote endpoint is on this host.</param>
    public void Add(in IpAddress address, ushort port, ulong cgroupId, bool isResent = false, bool isLocal = false)
    {
        var slot = FindSlot(in address, port, cgroupId);
        if (_slots[slot] != 0)
        {
            ref var known = ref _counts[_slots[slot] - 1];
            known.Count++;
            known.Resent += isResent ? 1 : 0;
            known.IsLocal &= isLocal;
        }
        else if (_counts.Count == Capacity)
        {
            // each call removes as many connections as it visits counts, so over time this is one visit per connection
            TakeOneOffEach();
        }
        else
        {
            _counts.Add(new EndpointCount { Address = address, Port = port, CgroupId = cgroupId, Count = 1, Resent = isResent ? 1 : 0, IsLocal = isLocal });
            _slots[slot] = _counts.Count;
            if (_counts.Count * 2 > _slots.Length)
            {
                _slots = new int[_slots.Length * 2];
                FillSlots();
            }
        }
    }

    /// <summary>Copies the counts to <paramref name="list"/>.</summary>
    /// <param name="list">The list to overwrite.</param>
    public void CopyTo(ValueList<EndpointCount> list) => _counts.CopyTo(list);

    private void TakeOneOffEach()
    {
        var all = _counts.Span;
        _counts.Clear();
        foreach (ref var count in all)
        {
            if (--count.Count > 0)
            {
                count.Resent = Math.Min(count.Resent, count.Count);

                // moves to its own index or a lower one
                _counts.Add(in count);
            }
        }

        Undercount++;
        Array.Clear(_slots);
        FillSlots();
    }

    private void FillSlots()
    {
        for (var i = 0; i < _counts.Count; i++)
        {
            ref var count = ref _counts[i];
            _slots[FindSlot(in count.Address, count.Port, count.CgroupId)] = i + 1;
        }
    }

    /// <summary>Returns the slot that holds this endpoint and owner, or the free slot where they belong.</summary>
    private int FindSlot(in IpAddress address, ushort port, ulong cgroupId)
    {
        // each process has its own seed, so nobody outside can choose addresses that collide
        var mask = _slots.Length - 1;
        var slot = HashCode.Combine(address.High, address.Low, (byte)address.Family, port, cgroupId) & mask;
        while (_slots[slot] != 0)
        {
            ref var count = ref _counts[_slots[slot] - 1];
            if (count.Port == port && count.CgroupId == cgroupId && count.Address == address)
            {
                break;
            }

            slot = (slot + 1) & mask;
        }

        return slot;
    }
}
