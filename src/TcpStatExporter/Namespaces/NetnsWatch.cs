using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Watches all network namespaces of the host except its own. It finds them, names them, reads their counters, and publishes
/// series of those that were in trouble. It does not start threads. Calls of <see cref="RunDue"/> must not overlap. Any thread
/// may read the results. While no namespace comes or goes, it allocates nothing.
/// </summary>
internal sealed partial class NetnsWatch : IDisposable
{
    /// <summary>Time between two checks for processes that have ended.</summary>
    private static readonly TimeSpan WakePace = TimeSpan.FromSeconds(1);

    /// <summary>Time from a new cgroup to the search: the runtime then moves a process into it and into its network namespace.</summary>
    private static readonly TimeSpan NewCgroupDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// For this long it keeps looking for a better name, because a container runtime may move a process after the first look.
    /// </summary>
    private static readonly TimeSpan NamingTime = TimeSpan.FromMinutes(1);

    /// <summary>How long to keep the counters of a name after its last namespace is gone.</summary>
    private static readonly TimeSpan KeepTime = TimeSpan.FromHours(1);

    /// <summary>Most names that are kept so.</summary>
    private const int MostKept = 256;

    private readonly NetnsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<TimeSpan> _cpuTime;
    private readonly TimeSpan _freshness;
    private readonly ProcessTable _processes;
    private readonly NetnsFinder _finder;
    private readonly NetnsNames _names;
    private readonly NetnsReader _reader = new();
    private readonly NetnsListeners? _listeners;
    private readonly Dictionary<string, NetnsAccount> _accounts = new(StringComparer.Ordinal);
    private readonly List<FoundNetns> _gone = [];
    private readonly ValueList<int> _pids = new();
    private readonly ValueList<NetnsRow> _rows = new();
    private readonly Lock _lock = new();
    private NetnsTotals _totals;
    private WatchedNetns[] _watched = [];
    private CgroupWatch? _cgroups;
    private TimeSpan? _nextCgroups;
    private TimeSpan? _nextLook;
    private TimeSpan _mayLook;
    private TimeSpan? _nextPass;
    private TimeSpan? _nextTick;
    private int _sampled;
    private int _unnamed;
    private bool _hasContainers;
    private bool _toldOn;
    private bool _lookedForHidden;
    private bool _toldFull;

    /// <summary>Creates a watch.</summary>
    /// <param name="options">The options.</param>
    /// <param name="freshness">Maximum age of a fresh sample.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Receives what is read, and why not more.</param>
    /// <param name="cpuTime">Returns the CPU time of the calling thread.</param>
    /// <param name="opener">Opens sockets for listeners. Owned by this object. Null: they are not read.</param>
    /// <param name="unitOf">Returns the unit or container for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
    /// <param name="budget">CPU budget for searches for listeners and for full scans. Default: the CPU limit of the options.</param>
    public NetnsWatch(
        NetnsOptions options,
        TimeSpan freshness,
        TimeProvider time,
        ILogger<NetnsWatch> logger,
        Func<TimeSpan>? cpuTime = null,
        INetnsOpener? opener = null,
        Func<ulong, string?>? unitOf = null,
        CpuBudget? budget = null)
    {
        _options = options;
        _freshness = freshness;
        _time = time;
        _logger = logger;
        _cpuTime = cpuTime ?? ThreadCpuClock.Now;
        _processes = new ProcessTable(options.ProcfsRoot);
        _finder = new NetnsFinder(_processes, Math.Max(1, options.OpenFiles / FoundNetns.OpenFiles));
        _names = new NetnsNames(_processes, options.LogFolder, options.NamedFolder);
        if (opener is not null && _finder.HasDeaths)
        {
            _listeners = new NetnsListeners(options, opener, _reader, _processes, _names, unitOf ?? (static _ => ""), time, logger, budget ?? new CpuBudget(options.CpuShare * 100), _cpuTime);
        }
    }

    /// <summary>The names that have series of their own now. The array never changes.</summary>
    public IReadOnlyList<WatchedNetns> Watched => Volatile.Read(ref _watched);

    /// <summary>Totals of all namespaces.</summary>
    public NetnsTotals Totals
    {
        get
        {
            lock (_lock)
            {
                return _totals;
            }
        }
    }

    /// <summary>Copies one row for each name.</summary>
    /// <param name="rows">Receives the rows. Overwritten.</param>
    public void CopyRowsTo(ValueList<NetnsRow> rows)
    {
        lock (_lock)
        {
            _rows.CopyTo(rows);
        }
    }

    /// <summary>Does what is due.</summary>
    /// <returns>Time until the next call.</returns>
    public TimeSpan RunDue()
    {
        var now = _time.GetElapsedTime(0);
        _finder.TakeDeaths();
        TakeCgroups(now);
        if (_nextLook is not { } look || now >= look)
        {
            var start = _cpuTime();
            Look(now);
            _nextLook = now + Pace(start, _options.LookInterval);
            _mayLook = now + Pace(start, WakePace);
        }

        _listeners?.LookAtQueues(_accounts.Values, now);
        var isPass = _nextPass is not { } pass || now >= pass;
        if (isPass)
        {
            RunPass(now);
        }

        if (_listeners is not null && (isPass || _nextTick is not { } tick || now >= tick))
        {
            var start = _cpuTime();
            Tick(now, isPass);
            _nextTick = now + Pace(start, NetnsListeners.Interval);
        }
        else if (isPass)
        {
            Publish(now);
        }

        var next = _nextLook < _nextPass ? _nextLook.Value : _nextPass!.Value;
        next = _nextTick < next ? _nextTick.Value : next;
        next = _listeners?.QueueLookAt < next ? _listeners.QueueLookAt.Value : next;
        return next - now < WakePace ? next - now : WakePace;
    }

    /// <summary>Searches for namespaces and reads all of them now.</summary>
    public void RunNow()
    {
        (_nextLook, _nextPass, _nextTick) = (null, null, null);
        _listeners?.Refresh(_finder.All);
        _ = RunDue();
    }

    /// <summary>Waits until something may be due: the time is up, a process ended, or <see cref="Wake"/> is called.</summary>
    /// <param name="time">The time.</param>
    /// <param name="stopped">Ends the wait too, if no process can be watched.</param>
    public void Wait(TimeSpan time, WaitHandle stopped) => _finder.Wait(time, stopped);

    /// <summary>Ends a <see cref="Wait"/>. Any thread may call it.</summary>
    public void Wake() => _finder.Wake();

    /// <inheritdoc/>
    public void Dispose()
    {
        _finder.Dispose();
        _cgroups?.Dispose();
        _listeners?.Dispose();
    }

    /// <summary>New cgroups bring the next search for namespaces forward.</summary>
    private void TakeCgroups(TimeSpan now)
    {
        if (_options.CgroupFolder is not { } folder || now < _nextCgroups)
        {
            return;
        }

        var start = _cpuTime();
        _cgroups ??= new CgroupWatch(folder);
        if (_cgroups.TakeNew())
        {
            var soon = now + NewCgroupDelay;
            soon = soon > _mayLook ? soon : _mayLook;
            _nextLook = soon < _nextLook ? soon : _nextLook;
        }

        _nextCgroups = now + Pace(start, WakePace);
    }

    private void RunPass(TimeSpan now)
    {
        var start = _cpuTime();
        Pass(now);
        _nextPass = now + Pace(start, _options.Interval);
    }

    /// <summary>Reads the listeners. A name that gets into trouble does not wait for the next pass.</summary>
    private void Tick(TimeSpan now, bool isPass)
    {
        if (!IsOn)
        {
            if (isPass)
            {
                Publish(now);
            }

            return;
        }

        _listeners!.Open(_finder.All, now);
        _listeners.Look(_finder.All, _accounts.Values, now);
        if (_listeners.HasNews && !isPass)
        {
            RunPass(now);
            isPass = true;
        }

        if (isPass)
        {
            Publish(now);
            return;
        }

        // the others are published with each pass: their peaks tell what was in between
        foreach (var account in _accounts.Values)
        {
            if (account is { Watched: { } one, Live: > 0 } && (account.WasInTrouble || account.HasNewStates))
            {
                account.Publish(one.Store, _time, _listeners?.IsUp == true);
            }
        }
    }

    private bool IsOn => _options.Mode != NetnsMode.Auto || _hasContainers;

    /// <summary>Longer than was asked for if it would cost too much.</summary>
    private TimeSpan Pace(TimeSpan start, TimeSpan interval)
    {
        var atLeast = (_cpuTime() - start) / _options.CpuShare;
        return atLeast > interval ? atLeast : interval;
    }

    private void Look(TimeSpan now)
    {
        // the next namespace of the pod may have the same inode. It is found only once the old one is removed
        foreach (var found in _finder.All)
        {
            if (_finder.IsGone(found))
            {
                _gone.Add(found);
            }
        }

        RemoveGone();
        _finder.Look(now);
        foreach (var found in _finder.All)
        {
            if (!found.IsNamed || (now - found.FoundAt < NamingTime && found.Account?.Identity.Kind is not NetnsKind.Pod))
            {
                Name(found);
            }
        }

        Tell();
    }

    private void Name(FoundNetns found)
    {
        _finder.ProcessesOf(found, _pids);
        if (_pids.Count == 0 && found.IsNamed)
        {
            return;
        }

        found.IsNamed = true;
        var identity = _names.Of(_pids.Span);
        _hasContainers |= identity.Kind is NetnsKind.Pod or NetnsKind.Container;
        if (!_options.Filter.Selects(identity.Name))
        {
            found.Account = null;
            return;
        }

        ref var account = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, identity.Name, out _);
        account ??= new NetnsAccount(identity, _options.PeakWindow);
        found.Account = account;
    }

    private void Pass(TimeSpan now)
    {
        foreach (var account in _accounts.Values)
        {
            account.Begin();
        }

        (_sampled, _unnamed) = (0, 0);
        foreach (var found in _finder.All)
        {
            if (found.Account is not { } account)
            {
                // excluded by name, so its files are not read. It is gone when it has no process
                if (found.Pid == 0)
                {
                    _gone.Add(found);
                }

                continue;
            }

            account.Followed++;
            var result = _reader.Read(found);
            if (result.IsOk)
            {
                account.Add(found, _reader.Counters, _reader.Sockets, now);
                found.Sockets?.Explain(found.Counted);
                found.Counted = default;
                _sampled++;
                _unnamed += account.Identity.Kind == NetnsKind.Other ? 1 : 0;
            }
            else if (result.Error == SourceError.NotFound)
            {
                _gone.Add(found);
            }
        }

        RemoveGone();
    }

    private void RemoveGone()
    {
        foreach (var found in _gone)
        {
            found.Account?.Lose(found);
            _finder.Remove(found);
        }

        _gone.Clear();
    }

    private void Publish(TimeSpan now)
    {
        var isOn = IsOn;
        var kept = 0;
        foreach (var (name, account) in _accounts)
        {
            account.End(now);
            if (account.Followed > 0)
            {
                continue;
            }

            // a pod that comes back goes on with its series. Of who had none, nothing is missed
            kept += account.Watched is null ? 0 : 1;
            if (account.Watched is null || kept > MostKept || now - account.LiveAt >= KeepTime)
            {
                _accounts.Remove(name);
            }
        }

        var watched = isOn ? Choose() : 0;
        _listeners?.ScanNew(_accounts.Values, now);
        foreach (var account in _accounts.Values)
        {
            if (account is { Watched: { } one, Live: > 0 })
            {
                account.Publish(one.Store, _time, _listeners?.IsUp == true);
            }
        }

        lock (_lock)
        {
            _totals.IsOn = isOn;
            _totals.Seen = _finder.Seen;
            (_totals.Sampled, _totals.Unnamed) = (_sampled, _unnamed);
            _totals.HasListenersTier = _options.Mode != NetnsMode.Counters;
            (_totals.ListenersSampled, _totals.Listeners) = (_listeners?.Sampled ?? 0, _listeners?.Listeners ?? 0);
            _totals.WorstFill = _listeners?.WorstFill ?? double.NaN;
            (_totals.InTrouble, _totals.NotExported) = (0, 0);
            (_totals.Established, _totals.TimeWait) = (0, 0);
            _totals.UnixMilliseconds = _time.GetUtcNow().ToUnixTimeMilliseconds();
            _rows.Clear();
            foreach (var account in _accounts.Values)
            {
                _totals.Total.Add(account.Recent);
                if (account.Live == 0)
                {
                    continue;
                }

                ref var row = ref _rows.Add();
                row = account.Row();
                _totals.InTrouble += row.IsInTrouble ? 1 : 0;
                _totals.NotExported += row is { WasInTrouble: true, HasSeries: false } ? 1 : 0;
                _totals.Established += row.Established;
                _totals.TimeWait += row.TimeWait;
            }
        }

        if (watched != _watched.Length || !IsChosen())
        {
            Volatile.Write(ref _watched, [.. _accounts.Values.Where(account => account is { Watched: not null, Live: > 0 }).Select(account => account.Watched!)]);
        }
    }

    /// <summary>
    /// Gives series to names that were in trouble, up to the limit, or to all names. A name keeps its series until its last
    /// namespace is gone.
    /// </summary>
    /// <returns>How many names have series.</returns>
    private int Choose()
    {
        var count = 0;
        foreach (var account in _accounts.Values)
        {
            count += account is { Watched: not null, Live: > 0 } ? 1 : 0;
        }

        foreach (var account in _accounts.Values)
        {
            var isWanted = _options.Series == NetnsSeriesChoice.All || (account.WasInTrouble && count < _options.Max);
            if (account.Watched is null && account.Live > 0 && isWanted)
            {
                account.Watched = new WatchedNetns(account.Identity, new SampleStore(_time, _freshness), _options.Hold, _time);
                account.Scan.TriedAt = null;
                count++;
            }
        }

        return count;
    }

    private bool IsChosen()
    {
        var at = 0;
        foreach (var account in _accounts.Values)
        {
            if (account is { Watched: { } one, Live: > 0 } && !ReferenceEquals(_watched[at++], one))
            {
                return false;
            }
        }

        return true;
    }

    private void Tell()
    {
        if (!_toldOn && (_hasContainers || _options.Mode != NetnsMode.Auto) && _finder.Seen > 0)
        {
            _toldOn = true;
            LogOn(_logger, _finder.Seen, (int)_options.Interval.TotalSeconds);
        }

        if (!_lookedForHidden)
        {
            _lookedForHidden = true;
            if (_processes.HasOwnIds && _processes.HidesOthers)
            {
                LogHidden(_logger, _options.Mode == NetnsMode.Auto ? LogLevel.Information : LogLevel.Warning);
            }
        }

        if (!_toldFull && _toldOn && _finder.Seen > _finder.All.Count)
        {
            _toldFull = true;
            LogFull(_logger, _finder.Seen, _finder.All.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Found {Seen} other network namespaces. Reading their counters every {Seconds} s (--netns).")]
    private static partial void LogOn(ILogger logger, int seen, int seconds);

    [LoggerMessage(Message = "The exporter cannot see processes of other users (hidepid, ProtectProc= or no hostPID), so it does not find the network namespaces of pods and containers. Let it see them in /proc, or use --netns=off.")]
    private static partial void LogHidden(ILogger logger, LogLevel level);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Found {Seen} other network namespaces, but the limit of open files is only enough for {Most} (LimitNOFILE= in the unit, ulimit -n). The others are not read.")]
    private static partial void LogFull(ILogger logger, int seen, int most);
}
