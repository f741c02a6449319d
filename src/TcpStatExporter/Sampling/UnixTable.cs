using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>
/// What is remembered of AF_UNIX listeners from look to look, by name: peaks, and who has a row. A row is kept as long as its
/// listener listens, unless one without is fuller and more than half full: so that a busy one is never left out. Allocates only
/// for what is new, and is bounded however many listeners there are: of names it remembers <see cref="MaxKept"/>, and beyond
/// that those with something in their queue, up to twice as many.
/// </summary>
/// <param name="max">Most rows that are handed out.</param>
/// <param name="peakWindow">Window of the peaks.</param>
/// <param name="owners">Knows who holds sockets.</param>
/// <param name="netns">The network namespace; empty for the host's own.</param>
internal sealed class UnixTable(int max, TimeSpan peakWindow, UnixOwners owners, string netns = "")
{
    /// <summary>Most names that are remembered. What listens beyond that is counted in <see cref="NotExported"/> alone.</summary>
    internal const int MaxKept = 4096;

    private readonly Dictionary<string, UnixEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<UnixEntry> _seated = [];
    private readonly char[] _text = new char[UnixName.MaxLength];
    private uint _look;
    private int _sockets;

    /// <summary>Sockets with a name that listen and are in no row, as of the last look.</summary>
    public int NotExported { get; private set; }

    /// <summary>Names that are remembered.</summary>
    internal int Remembered => _entries.Count;

    /// <summary>Begins a look. One that is not finished by <see cref="Observe"/> is forgotten.</summary>
    public void Begin()
    {
        _look++;
        _sockets = 0;
    }

    /// <summary>Takes a socket.</summary>
    /// <param name="socket">The socket. One that does not listen, or has no name of its own, is passed over.</param>
    public void Add(in UnixSocket socket)
    {
        var name = socket.State == TcpState.Listen && socket.HasQueue ? _text.AsSpan(0, UnixName.Format(socket.Name, _text)) : default;
        if (name.IsEmpty)
        {
            return;
        }

        _sockets++;
        if (!_entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var entry))
        {
            if (_entries.Count >= (socket.QueueLength > 0 ? 2 * MaxKept : MaxKept))
            {
                return;
            }

            entry = new UnixEntry(name.ToString());
            _entries.Add(entry.Path, entry);
        }

        entry.Join(in socket, _look);
    }

    /// <summary>Finishes a look.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Observe(TimeSpan now)
    {
        foreach (var (path, entry) in _entries)
        {
            if (entry.Look == _look)
            {
                entry.Close(now);
            }
            else if (!entry.IsSeated || now - entry.LastSeen >= peakWindow)
            {
                // one that is opened again at once, as at a restart, keeps its peaks
                _entries.Remove(path);
                if (entry.IsSeated)
                {
                    Unseat(entry);
                }
            }
        }

        if (_entries.Count > _seated.Count)
        {
            SeatOthers(now);
        }

        NotExported = _sockets;
        foreach (var entry in _seated)
        {
            if (entry.Look == _look)
            {
                entry.Name(owners, now, netns);
                NotExported -= entry.Sample.Sockets;
            }
        }

        if (owners.Look())
        {
            foreach (var entry in _seated)
            {
                entry.Name(owners, now, netns);
            }
        }
    }

    /// <summary>Hands out the rows of the last look.</summary>
    /// <param name="rows">The list to overwrite.</param>
    public void CopyTo(ValueList<UnixSample> rows)
    {
        rows.Clear();
        foreach (var entry in _seated)
        {
            if (entry.Look == _look && entry.Sample.Identity is not null)
            {
                rows.Add(entry.Sample);
            }
        }
    }

    private void SeatOthers(TimeSpan now)
    {
        while (_seated.Count < max && Fullest() is { } fullest)
        {
            Seat(fullest, now);
        }

        if (_seated.Count < max)
        {
            return;
        }

        var weakest = Weakest();
        foreach (var (_, entry) in _entries)
        {
            if (entry.Look == _look && !entry.IsSeated && (entry.Priority > weakest.Priority || weakest.Look != _look))
            {
                Unseat(weakest);
                Seat(entry, now);
                weakest = Weakest();
            }
        }
    }

    private void Seat(UnixEntry entry, TimeSpan now)
    {
        entry.Seat(peakWindow);
        entry.Close(now);
        _seated.Add(entry);
    }

    private void Unseat(UnixEntry entry)
    {
        entry.Unseat();
        _seated.Remove(entry);
    }

    /// <summary>The fullest of those without a row, the one known longest first; null where all have one.</summary>
    private UnixEntry? Fullest()
    {
        UnixEntry? fullest = null;
        foreach (var (_, entry) in _entries)
        {
            if (entry.Look == _look && !entry.IsSeated && (fullest is null || entry.Sample.FillRatio > fullest.Sample.FillRatio))
            {
                fullest = entry;
            }
        }

        return fullest;
    }

    /// <summary>One that is gone, or else the one in least trouble.</summary>
    private UnixEntry Weakest()
    {
        var weakest = _seated[0];
        foreach (var entry in _seated)
        {
            if (entry.Look != _look)
            {
                return entry;
            }

            if (entry.Priority < weakest.Priority)
            {
                weakest = entry;
            }
        }

        return weakest;
    }
}
