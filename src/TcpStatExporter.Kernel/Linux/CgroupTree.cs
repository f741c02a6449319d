using System.IO.Enumeration;
using System.Text;
using TcpStatExporter.Kernel.Cgroup;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Finds the owner of a cgroup id (<c>INET_DIAG_CGROUP_ID</c>) in the directories of the cgroup2 hierarchy. Looking up a
/// known id allocates nothing. An unknown id costs a walk over the hierarchy, which learns every id in it. Safe for several
/// threads: if one walks, the others wait for its result and do not walk themselves.
/// </summary>
/// <remarks>
/// The kernel does not reuse an id while the host runs, and never renames a cgroup. So a cached name stays correct, even if a
/// socket outlives its cgroup. Walks take less than 1% of a core over time. An id that a walk does not find (the cgroup is
/// gone, or outside what a container sees) is retried less and less often.
/// </remarks>
public sealed class CgroupTree
{
    private const int MaxDirectories = 65_536;
    /// <summary>Enough for some hundred thousand mounts.</summary>
    private const int MaxMountInfo = 16 * 1024 * 1024;

    private const int MaxKnown = 2 * MaxDirectories;
    private const int MaxMissing = 4096;
    private const int TimeBetweenWalks = 100;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(10);
    private static readonly EnumerationOptions Directories = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        BufferSize = 16 * 1024,
    };

    private readonly Lock _lock = new();
    private readonly CgroupMount? _mount;
    private readonly TimeProvider _clock;
    private readonly Func<TimeSpan> _cpuTime;
    private readonly Dictionary<ulong, string> _known = [];
    private readonly Dictionary<ulong, Retry> _missing = [];
    private readonly Queue<string> _toWalk = new();
    private long _lastWalkEnd;
    private TimeSpan _untilNextWalk;

    /// <summary>Creates a lookup in one hierarchy.</summary>
    /// <param name="mount">Where the hierarchy is mounted. If null, every name is empty.</param>
    /// <param name="clock">Monotonic time.</param>
    public CgroupTree(CgroupMount? mount, TimeProvider clock)
        : this(mount, clock, ThreadCpuClock.Now)
    {
    }

    internal CgroupTree(CgroupMount? mount, TimeProvider clock, Func<TimeSpan> cpuTime)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _mount = mount;
        _clock = clock;
        _cpuTime = cpuTime;
    }

    /// <summary>Number of walks over the hierarchy so far.</summary>
    internal int Walks { get; private set; }

    /// <summary>Finds the cgroup2 hierarchy in the mounts that this process sees.</summary>
    /// <param name="procfsRoot">Where procfs is mounted: <c>/proc</c>.</param>
    /// <returns>Null if cgroup2 is not mounted or the mounts cannot be read.</returns>
    public static CgroupMount? FindMount(string procfsRoot)
    {
        using var file = new ProcFile(Path.Combine(procfsRoot, "self", "mountinfo"), isIterated: true);
        var buffer = new ProcFileBuffer(MaxMountInfo);
        return file.Read(buffer).IsOk ? CgroupMount.Find(Encoding.UTF8.GetString(buffer.Content)) : null;
    }

    /// <summary>Returns the systemd unit or container that owns a cgroup, as <see cref="CgroupUnit"/> names it.</summary>
    /// <param name="id">The cgroup's id. 0 if the source does not report one.</param>
    /// <returns>Empty if a walk did not find it. Null if no walk has looked for it yet; the next one will.</returns>
    public string? UnitOf(ulong id)
    {
        if (id == 0 || _mount is null)
        {
            return string.Empty;
        }

        lock (_lock)
        {
            return _known.TryGetValue(id, out var unit) ? unit : LookFor(id, _mount.Value);
        }
    }

    private string? LookFor(ulong id, CgroupMount mount)
    {
        if (!MayWalk(id))
        {
            return WasLookedFor(id) ? string.Empty : null;
        }

        Walk(mount);
        if (_known.TryGetValue(id, out var unit))
        {
            _missing.Remove(id);
            return unit;
        }

        Postpone(id);
        return string.Empty;
    }

    private bool MayWalk(ulong id)
    {
        if (_clock.GetElapsedTime(_lastWalkEnd) < _untilNextWalk)
        {
            return false;
        }

        return !_missing.TryGetValue(id, out var retry) || _clock.GetElapsedTime(retry.Since) >= retry.Wait;
    }

    /// <summary>
    /// Returns true if a walk was done since the id was first requested. If there are too many ids to keep, the extra ones do
    /// not wait for a walk.
    /// </summary>
    private bool WasLookedFor(ulong id)
    {
        if (_missing.TryGetValue(id, out var asked))
        {
            return asked.Walks < Walks;
        }

        return _missing.Count >= MaxMissing || !_missing.TryAdd(id, new Retry(_clock.GetTimestamp(), TimeSpan.Zero, Walks));
    }

    private void Postpone(ulong id)
    {
        _missing.TryGetValue(id, out var last);
        var wait = last.Wait > TimeSpan.Zero ? last.Wait * 2 : FirstRetry;
        if (_missing.Count >= MaxMissing)
        {
            _missing.Clear();
        }

        _missing[id] = new Retry(_clock.GetTimestamp(), wait < LastRetry ? wait : LastRetry, last.Walks);
    }

    private void Walk(CgroupMount mount)
    {
        var start = _cpuTime();
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _toWalk.Clear();
        _toWalk.Enqueue(mount.Path);
        for (var left = MaxDirectories; left > 0 && _toWalk.TryDequeue(out var directory); left--)
        {
            var id = CgroupId.Of(directory);
            if (id != 0)
            {
                _known.TryAdd(id, CgroupUnit.FromPath(string.Concat(mount.Root, directory.AsSpan(mount.Path.Length))));
                AddChildren(directory, _toWalk);
            }
        }

        // the first walk includes JIT compilation, so its cost says nothing about the next one
        _untilNextWalk = Walks == 0 ? TimeSpan.Zero : TimeBetweenWalks * (_cpuTime() - start);
        _lastWalkEnd = _clock.GetTimestamp();
        Walks++;
    }

    /// <summary>Lists the directories in a directory.</summary>
    /// <param name="directory">The directory. If it is gone, nothing is added.</param>
    /// <param name="children">Receives their paths.</param>
    internal static void AddChildren(string directory, Queue<string> children)
    {
        try
        {
            var found = new FileSystemEnumerable<string>(directory, static (ref FileSystemEntry entry) => entry.ToFullPath(), Directories)
            {
                ShouldIncludePredicate = static (ref FileSystemEntry entry) => entry.IsDirectory,
            };
            foreach (var child in found)
            {
                children.Enqueue(child);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // a cgroup may go away at any time
        }
    }

    /// <summary>An id that no walk has found.</summary>
    /// <param name="Since">When it was last requested or searched for.</param>
    /// <param name="Wait">How long to wait after that.</param>
    /// <param name="Walks">Number of walks done when it was first requested.</param>
    private readonly record struct Retry(long Since, TimeSpan Wait, int Walks);
}
