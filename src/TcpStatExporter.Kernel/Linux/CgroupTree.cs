using System.IO.Enumeration;
using System.Text;
using TcpStatExporter.Kernel.Cgroup;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Names the owner of a cgroup id (<c>INET_DIAG_CGROUP_ID</c>) by the directories of the cgroup2 hierarchy. A known id
/// is a look-up that allocates nothing; a new one costs a walk over the hierarchy, which learns every id in it. Several
/// threads may ask: one waits for another's walk, which would else be its own.
/// </summary>
/// <remarks>
/// Ids are not used twice while the host runs, and a cgroup is never renamed, so that what is known stays true, also of
/// a socket that outlives its cgroup. Walks are kept below a hundredth of a core over time, and an id that a walk did not find
/// (a cgroup that is gone, or outside of what a container sees) is looked for ever more rarely.
/// </remarks>
public sealed class CgroupTree
{
    private const int MaxDirectories = 65_536;
    /// <summary>Of some hundred thousand mounts.</summary>
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
    private readonly Stack<string> _toWalk = new();
    private long _lastWalkEnd;
    private TimeSpan _untilNextWalk;

    /// <summary>Names owners by a hierarchy.</summary>
    /// <param name="mount">Where it is mounted; null: every name is empty.</param>
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

    /// <summary>Walks over the hierarchy so far.</summary>
    internal int Walks { get; private set; }

    /// <summary>Finds the hierarchy in the mounts that this process sees.</summary>
    /// <param name="procfsRoot">Where procfs is mounted: <c>/proc</c>.</param>
    /// <returns>Null if cgroup2 is not mounted or the mounts cannot be read.</returns>
    public static CgroupMount? FindMount(string procfsRoot)
    {
        using var file = new ProcFile(Path.Combine(procfsRoot, "self", "mountinfo"), isIterated: true);
        var buffer = new ProcFileBuffer(MaxMountInfo);
        return file.Read(buffer).IsOk ? CgroupMount.Find(Encoding.UTF8.GetString(buffer.Content)) : null;
    }

    /// <summary>The systemd unit or container that owns a cgroup, as <see cref="CgroupUnit"/> names it.</summary>
    /// <param name="id">The cgroup's id; 0 where a source does not tell.</param>
    /// <returns>Empty if it was looked for and not found; null if it is yet to be looked for, by the next walk.</returns>
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

    /// <summary>Whether a walk was done since the id was asked for first. One that is too many to be kept is not waited for.</summary>
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
        _toWalk.Push(mount.Path);
        for (var left = MaxDirectories; left > 0 && _toWalk.TryPop(out var directory); left--)
        {
            var id = CgroupId.Of(directory);
            if (id != 0)
            {
                _known.TryAdd(id, CgroupUnit.FromPath(string.Concat(mount.Root, directory.AsSpan(mount.Path.Length))));
                PushChildren(directory);
            }
        }

        // the first walk pays for compiling the code, which says nothing of the next one
        _untilNextWalk = Walks == 0 ? TimeSpan.Zero : TimeBetweenWalks * (_cpuTime() - start);
        _lastWalkEnd = _clock.GetTimestamp();
        Walks++;
    }

    private void PushChildren(string directory)
    {
        try
        {
            var children = new FileSystemEnumerable<string>(directory, static (ref FileSystemEntry entry) => entry.ToFullPath(), Directories)
            {
                ShouldIncludePredicate = static (ref FileSystemEntry entry) => entry.IsDirectory,
            };
            foreach (var child in children)
            {
                _toWalk.Push(child);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // a cgroup may go away at any time
        }
    }

    /// <summary>An id that is not known.</summary>
    /// <param name="Since">When it was asked or looked for last.</param>
    /// <param name="Wait">How long to wait from then on.</param>
    /// <param name="Walks">Walks that had been done when it was asked for first.</param>
    private readonly record struct Retry(long Since, TimeSpan Wait, int Walks);
}
