using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Finds the units and destinations that have most connections in one state, of those that had some at every sample for
/// a while: what comes and goes, as a port scan does, is never named. Allocates only when a new one is named.
/// </summary>
internal sealed class HolderTable
{
    /// <summary>
    /// How long one must have been there without a break. Half a second less than three: four samples a second apart,
    /// of which none need be on time.
    /// </summary>
    public static readonly TimeSpan LeastStay = TimeSpan.FromSeconds(2.5);

    /// <summary>A client that gives up after a second or two has sent its SYN again at some looks only: the most within this time counts.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Candidate[] _top;
    private readonly bool _startsSettled;
    private readonly Func<ulong, string?> _unitOf;
    private uint _round;
    private int _named;

    /// <summary>Makes an empty table.</summary>
    /// <param name="max">Most that are named at a time.</param>
    /// <param name="startsSettled">What is there at the first sample of all is named at once.</param>
    /// <param name="unitOf">The unit behind a cgroup2 id; empty where unknown, null where it was not looked for yet.</param>
    public HolderTable(int max, bool startsSettled, Func<ulong, string?> unitOf)
    {
        _top = new Candidate[max];
        _startsSettled = startsSettled;
        _unitOf = unitOf;
    }

    /// <summary>Takes one sample.</summary>
    /// <param name="counts">All connections in the state.</param>
    /// <param name="now">Monotonic time.</param>
    public void Observe(ReadOnlySpan<EndpointCount> counts, TimeSpan now)
    {
        _round++;
        foreach (ref readonly var count in counts)
        {
            Add(in count, now);
        }

        _named = 0;
        foreach (var (key, _) in _entries)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
            if (entry.Round != _round)
            {
                _entries.Remove(key);
                continue;
            }

            if (entry.Resent >= entry.MostResent || now - entry.MostResentAt > Lately)
            {
                (entry.MostResent, entry.MostResentAt) = (entry.Resent, now);
            }

            if (entry.IsSettled || now - entry.Since >= LeastStay)
            {
                Rank(new Candidate(key, entry.Connections, entry.Since));
            }
        }

        for (var i = 0; i < _named; i++)
        {
            ref readonly var key = ref _top[i].Key;
            CollectionsMarshal.GetValueRefOrNullRef(_entries, key).Identity ??= new HolderIdentity(key.Address, key.Port, key.Unit, key.IsLocal);
        }
    }

    /// <summary>Hands out those that were named at the last sample, most connections first.</summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<HolderSample> rows)
    {
        rows.Clear();
        for (var i = 0; i < _named; i++)
        {
            ref readonly var one = ref _top[i];
            var entry = _entries[one.Key];
            rows.Add(new HolderSample
            {
                Identity = entry.Identity!,
                Connections = one.Connections,
                Resent = entry.MostResent,
                Since = one.Since,
            });
        }
    }

    /// <summary>One whose unit is yet to be looked for is left out, except at the first sample of all, rather than told under no name and then under its own.</summary>
    private void Add(in EndpointCount count, TimeSpan now)
    {
        if ((_unitOf(count.CgroupId) ?? (_round == 1 ? "" : null)) is not { } unit)
        {
            return;
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, new Key(count.Address, count.Port, unit, count.IsLocal), out var isKnown);
        if (!isKnown)
        {
            entry.Since = now;
            entry.IsSettled = _startsSettled && _round == 1;
        }

        var isFirst = entry.Round != _round;
        entry.Connections = isFirst ? count.Count : entry.Connections + count.Count;
        entry.Resent = isFirst ? count.Resent : entry.Resent + count.Resent;
        entry.Round = _round;
    }

    /// <summary>Puts one in its place among those with most, if it has one. Of equals the older goes first, so that places are kept.</summary>
    private void Rank(in Candidate candidate)
    {
        var place = _named;
        while (place > 0 && candidate.Precedes(_top[place - 1]))
        {
            place--;
        }

        if (place == _top.Length)
        {
            return;
        }

        _named = Math.Min(_named + 1, _top.Length);
        Array.Copy(_top, place, _top, place + 1, _named - place - 1);
        _top[place] = candidate;
    }

    private readonly record struct Key(IpAddress Address, ushort Port, string Unit, bool IsLocal);

    private struct Entry
    {
        public HolderIdentity? Identity;
        public TimeSpan Since;
        public TimeSpan MostResentAt;
        public long Connections;
        public long Resent;
        public long MostResent;
        public uint Round;
        public bool IsSettled;
    }

    private readonly struct Candidate(Key key, long connections, TimeSpan since)
    {
        public readonly Key Key = key;
        public readonly long Connections = connections;
        public readonly TimeSpan Since = since;

        public bool Precedes(in Candidate other) =>
            Connections != other.Connections ? Connections > other.Connections : Since < other.Since;
    }
}
