using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Finds the units and destinations with the most connections in one state, among those that had some in every sample for a
/// while. Connections that come and go, as in a port scan, are never named. Allocates only when a new one is named.
/// </summary>
internal sealed class HolderTable
{
    /// <summary>
    /// The minimum time without interruption. Half a second less than three seconds: four samples one second apart, none of
    /// which has to be on time.
    /// </summary>
    public static readonly TimeSpan LeastStay = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// A client that gives up after one or two seconds has retransmitted its SYN in some samples only, so the maximum over
    /// this time counts.
    /// </summary>
    public static readonly TimeSpan Lately = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Key, Entry> _entries = [];
    private readonly Ranking<Candidate> _top;
    private readonly bool _startsSettled;
    private readonly Func<ulong, string?> _unitOf;
    private uint _round;

    /// <summary>Creates an empty table.</summary>
    /// <param name="max">Maximum number of named entries.</param>
    /// <param name="startsSettled">Entries in the very first sample are named at once.</param>
    /// <param name="unitOf">Returns the unit for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
    public HolderTable(int max, bool startsSettled, Func<ulong, string?> unitOf)
    {
        _top = new Ranking<Candidate>(max);
        _startsSettled = startsSettled;
        _unitOf = unitOf;
    }

    /// <summary>Adds a sample.</summary>
    /// <param name="counts">All connections in this state.</param>
    /// <param name="now">Monotonic time.</param>
    public void Observe(ReadOnlySpan<EndpointCount> counts, TimeSpan now)
    {
        _round++;
        foreach (ref readonly var count in counts)
        {
            Add(in count, now);
        }

        _top.Clear();
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
                _top.Add(new Candidate(key, entry.Connections, entry.Since));
            }
        }

        for (var i = 0; i < _top.Count; i++)
        {
            ref readonly var key = ref _top[i].Key;
            CollectionsMarshal.GetValueRefOrNullRef(_entries, key).Identity ??= new HolderIdentity(key.Address, key.Port, key.Unit, key.IsLocal);
        }
    }

    /// <summary>Returns the entries named in the last sample, most connections first.</summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<HolderSample> rows)
    {
        rows.Clear();
        for (var i = 0; i < _top.Count; i++)
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

    /// <summary>
    /// Skips an entry whose unit has not been looked up yet, except in the very first sample. Otherwise it would appear
    /// without a name first, and under its own name later.
    /// </summary>
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

    private readonly struct Candidate(Key key, long connections, TimeSpan since) : IRanked<Candidate>
    {
        public readonly Key Key = key;
        public readonly long Connections = connections;
        public readonly TimeSpan Since = since;

        /// <summary>With equal numbers, the older one comes first, so entries keep their places.</summary>
        /// <inheritdoc/>
        public bool Precedes(in Candidate other) =>
            Connections != other.Connections ? Connections > other.Connections : Since < other.Since;
    }
}
