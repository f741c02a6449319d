using System.Runtime.InteropServices;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Finds the network namespaces of a host through its processes. It checks a new process twice, because a container runtime
/// starts it first and then moves it into its namespace. It checks all processes once a minute. A look that finds nothing
/// new allocates nothing.
/// </summary>
internal sealed class NetnsFinder : IDisposable
{
    private static readonly TimeSpan FullPace = TimeSpan.FromMinutes(1);

    private readonly ProcessTable _processes;
    private readonly ProcessDeaths? _deaths;
    private readonly int _most;
    private readonly ValueList<int> _pids = new();
    private readonly Dictionary<int, Process> _known = [];
    private readonly Dictionary<ulong, FoundNetns> _byInode = [];
    private readonly Dictionary<ulong, FoundNetns> _byToken = [];
    private readonly ulong[] _dead = new ulong[64];
    private readonly ProcFileBuffer _buffer = new();
    private readonly ulong _own;
    private ulong _lastToken;
    private uint _round;
    private TimeSpan? _fullAt;

    /// <summary>Creates a finder.</summary>
    /// <param name="processes">The processes.</param>
    /// <param name="most">Maximum number of namespaces to follow.</param>
    public NetnsFinder(ProcessTable processes, int most)
    {
        _processes = processes;
        _most = most;
        _deaths = processes.HasOwnIds ? new ProcessDeaths() : null;
        _own = FileStamp.Of(Path.Combine(ProcNet.Folder(processes.Root), "tcp")).Inode;
    }

    /// <summary>The namespaces that are followed.</summary>
    public Dictionary<ulong, FoundNetns>.ValueCollection All => _byToken.Values;

    /// <summary>
    /// Number of namespaces at the last look, without the host's own. Includes those that are not followed because there are
    /// too few open files.
    /// </summary>
    public int Seen { get; private set; }

    /// <summary>Number of processes at the last look.</summary>
    public int Processes => _known.Count;

    /// <summary>Looks for new namespaces.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Look(TimeSpan now)
    {
        var isFirst = _fullAt is null;
        var isFull = isFirst || now - _fullAt >= FullPace;
        _fullAt = isFull ? now : _fullAt;
        _round++;
        if (!_processes.List(_pids))
        {
            return;
        }

        var host = _processes.NamespaceOf(1);
        var refused = 0;
        foreach (var pid in _pids.Span)
        {
            ref var process = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, pid, out _);
            process.Round = _round;
            if (process.Looks >= 2 && !isFull)
            {
                continue;
            }

            var isNew = !isFirst && process.Looks < 2;
            process.Looks = (byte)Math.Min(process.Looks + 1, 2);
            process.Inode = _processes.NamespaceOf(pid);
            if (process.Inode != 0 && process.Inode != _own && process.Inode != host && !_byInode.ContainsKey(process.Inode))
            {
                refused += Add(pid, process.Inode, isNew, now) ? 0 : 1;
            }
        }

        foreach (var (pid, process) in _known)
        {
            if (process.Round != _round)
            {
                _known.Remove(pid);
            }
        }

        Seen = _byToken.Count + refused;
        if (_deaths is not null)
        {
            FollowAgain();
        }
    }

    /// <summary>Waits until a watched process ends, <see cref="Wake"/> is called, or the time is up.</summary>
    /// <param name="time">The time.</param>
    /// <param name="stopped">Ends the wait too, if no process can be watched.</param>
    public void Wait(TimeSpan time, WaitHandle stopped)
    {
        if (_deaths is null)
        {
            stopped.WaitOne((int)Math.Ceiling(time.TotalMilliseconds));
        }
        else
        {
            _deaths.Wait(time);
        }
    }

    /// <summary>Ends a <see cref="Wait"/>. Any thread may call it.</summary>
    public void Wake() => _deaths?.Wake();

    /// <summary>True if the end of a process can be watched: the ids in procfs are those of this process's own PID namespace.</summary>
    public bool HasDeaths => _deaths is not null;

    /// <summary>If a watched process has ended, watches another process of its namespace, if there is one.</summary>
    public void TakeDeaths()
    {
        if (_deaths is null)
        {
            return;
        }

        for (var count = _deaths.Take(_dead); count > 0; count = _deaths.Take(_dead))
        {
            foreach (var token in _dead.AsSpan(0, count))
            {
                if (_byToken.TryGetValue(token, out var found))
                {
                    _known.Remove(found.Pid);
                    found.Follow(_deaths, AnotherOf(found));
                }
            }
        }
    }

    /// <summary>Finds the processes of a namespace, in the order of their ids.</summary>
    /// <param name="found">The namespace.</param>
    /// <param name="pids">Receives them. Overwritten.</param>
    public void ProcessesOf(FoundNetns found, ValueList<int> pids)
    {
        pids.Clear();
        foreach (var (pid, process) in _known)
        {
            if (process.Inode == found.Inode)
            {
                pids.Add(pid);
            }
        }

        pids.Span.Sort();
    }

    /// <summary>Returns true if the last process of a namespace has ended and nothing else keeps it.</summary>
    /// <param name="found">The namespace.</param>
    public bool IsGone(FoundNetns found) => found.Pid == 0 && found.Sockstat.Read(_buffer).Error == SourceError.NotFound;

    /// <summary>
    /// Removes a namespace that is gone. A new namespace may have the same inode, so processes with that inode are checked
    /// again.
    /// </summary>
    /// <param name="found">The namespace.</param>
    public void Remove(FoundNetns found)
    {
        _byToken.Remove(found.Token);
        _byInode.Remove(found.Inode);
        found.Dispose();
        foreach (var pid in _known.Keys)
        {
            ref var process = ref CollectionsMarshal.GetValueRefOrNullRef(_known, pid);
            if (process.Inode == found.Inode)
            {
                process.Looks = 0;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var found in _byToken.Values)
        {
            found.Dispose();
        }

        _deaths?.Dispose();
    }

    private bool Add(int pid, ulong inode, bool isNew, TimeSpan now)
    {
        if (_byToken.Count >= _most)
        {
            return false;
        }

        if (FoundNetns.Find(_lastToken + 1, _processes, pid, inode, isNew, now, out var errno) is not { } found)
        {
            // if the process is gone, its namespace does not count as seen
            return errno is not (Errno.EMFILE or Errno.ENFILE);
        }

        _lastToken++;
        _byToken.Add(found.Token, found);
        _byInode.Add(inode, found);
        found.Follow(_deaths, pid);
        return true;
    }

    /// <summary>
    /// Watches a process of each namespace that has none to watch. If the namespace is gone, its inode may be that of another
    /// one, so it has to be alive.
    /// </summary>
    private void FollowAgain()
    {
        foreach (var found in _byToken.Values)
        {
            if (found.Process is null && AnotherOf(found) is var pid and not 0 && found.Sockstat.Read(_buffer).IsOk)
            {
                found.Follow(_deaths, pid);
            }
        }
    }

    private int AnotherOf(FoundNetns found)
    {
        foreach (var (pid, process) in _known)
        {
            if (process.Inode == found.Inode && _processes.NamespaceOf(pid) == found.Inode)
            {
                return pid;
            }
        }

        return 0;
    }

    private struct Process
    {
        public ulong Inode;
        public uint Round;
        public byte Looks;
    }
}
