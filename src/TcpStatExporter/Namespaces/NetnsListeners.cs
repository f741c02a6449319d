using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// Reads the listeners of all network namespaces except the host's own, through sockets that an opener hands over. It needs no
/// privilege itself. It asks for known listeners each second, and searches for new ones within a CPU budget. Only the watching
/// thread uses it. While no namespace and no listener comes or goes, it allocates nothing.
/// </summary>
internal sealed partial class NetnsListeners : IDisposable
{
    /// <summary>Time between two reads.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait before another socket is opened in the same namespace.</summary>
    public static readonly TimeSpan ReopenPause = TimeSpan.FromSeconds(10);

    /// <summary>Time between two searches for new listeners in a namespace.</summary>
    private static readonly TimeSpan SearchPace = TimeSpan.FromSeconds(30);

    /// <summary>A search that waits for its budget for this long may go into debt.</summary>
    private static readonly TimeSpan LongestSearchPace = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly NetnsOptions _options;
    private readonly INetnsOpener _opener;
    private readonly ProcessTable _processes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<TimeSpan> _cpuTime;
    private readonly Func<ulong, string?> _unitOf;
    private readonly NetnsNames _names;
    private readonly CpuBudget _budget;
    private readonly NetnsScans _scans;
    private readonly PeakWindow _worstFill;
    private readonly NetnsReader _reader;
    private readonly NetnsScratch _scratch = new();
    private readonly byte[] _buffer = NetlinkSocket.CreateBuffer();
    private readonly Dictionary<uint, string> _devices = [];
    private readonly Func<uint, string> _deviceOf;
    private readonly ulong _ownCookie;
    private TimeSpan _pause;
    private TimeSpan? _retryAt;
    private bool _toldUp;
    private bool _toldDown;
    private bool _toldRefused;
    private bool _toldTwice;

    /// <summary>Creates the tier.</summary>
    /// <param name="options">The options.</param>
    /// <param name="opener">Opens the sockets. Owned by this object.</param>
    /// <param name="reader">Reads counters.</param>
    /// <param name="processes">The processes.</param>
    /// <param name="names">Knows the containers of pods.</param>
    /// <param name="unitOf">Returns the unit or container for a cgroup2 id. Empty if unknown, null if not looked up yet.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="logger">Receives what cannot be read, and why.</param>
    /// <param name="budget">CPU budget for searches and scans.</param>
    /// <param name="cpuTime">Returns the CPU time of the calling thread.</param>
    public NetnsListeners(
        NetnsOptions options, INetnsOpener opener, NetnsReader reader, ProcessTable processes, NetnsNames names, Func<ulong, string?> unitOf, TimeProvider time, ILogger logger, CpuBudget budget, Func<TimeSpan> cpuTime)
    {
        _options = options;
        _opener = opener;
        _reader = reader;
        _processes = processes;
        _names = names;
        _unitOf = unitOf;
        _time = time;
        _logger = logger;
        _cpuTime = cpuTime;
        _budget = budget;
        _scans = new NetnsScans(budget, reader, options.Interval, time, cpuTime, logger);
        _worstFill = new PeakWindow(options.PeakWindow);
        _deviceOf = DeviceOf;
        if (NetlinkSocket.TryOpen(out var own, out _, out _))
        {
            _ownCookie = own.NetnsCookie;
            own.Dispose();
        }
    }

    /// <summary>Number of namespaces whose listeners the last look read.</summary>
    public int Sampled { get; private set; }

    /// <summary>Number of listening sockets in them.</summary>
    public int Listeners { get; private set; }

    /// <summary>The fill of the fullest accept queue in the peak window: its length ÷ its limit. NaN if there is none.</summary>
    public double WorstFill => _worstFill.Peak;

    /// <summary>The opener opens sockets, as far as known.</summary>
    public bool IsUp => _retryAt is null;

    /// <summary>At the last look, a name got into trouble that had never been before.</summary>
    public bool HasNews { get; private set; }

    /// <summary>When to examine the accept queues that are in use. Null if none is.</summary>
    public TimeSpan? QueueLookAt { get; private set; }

    /// <summary>Opens sockets in namespaces that have none yet.</summary>
    /// <param name="all">The namespaces.</param>
    /// <param name="now">Monotonic time.</param>
    public void Open(Dictionary<ulong, FoundNetns>.ValueCollection all, TimeSpan now)
    {
        if (_retryAt is { } retry && now < retry)
        {
            return;
        }

        var start = _time.GetTimestamp();
        _retryAt = null;
        foreach (var found in all)
        {
            if (found is not { Account: not null, Sockets: null, Process: { } process } || now < found.OpenAt)
            {
                continue;
            }

            var fault = _opener.TryOpen(process, _buffer, out var socket, out var errno);
            if (fault == OpenerFault.None)
            {
                Take(found, socket!, all, now);
            }
            else if (fault == OpenerFault.Refused)
            {
                found.OpenAt = now + (errno == Errno.ESRCH ? ReopenPause : LongestPause);
                TellRefused(found, errno);
            }
            else
            {
                Fail(fault, errno, now);
                break;
            }

            if (_time.GetElapsedTime(start) >= NetnsOpenerClient.Patience)
            {
                // the others have to wait for the next look
                break;
            }
        }

        _opener.Rest();
    }

    /// <summary>Reads all listeners.</summary>
    /// <param name="all">The namespaces.</param>
    /// <param name="accounts">The names.</param>
    /// <param name="now">Monotonic time.</param>
    public void Look(Dictionary<ulong, FoundNetns>.ValueCollection all, Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now)
    {
        _budget.Accrue(now);
        (Sampled, Listeners, HasNews) = (0, 0, false);
        foreach (var account in accounts)
        {
            account.Members.Clear();
        }

        foreach (var found in all)
        {
            if (found is not { Account: { } account, Sockets: { } sockets })
            {
                continue;
            }

            var start = _time.GetTimestamp();
            var result = Read(sockets, now);

            // without memory for an answer, the last one is kept
            if (!result.IsOk && result.Error != SourceError.NoBuffers)
            {
                found.Reopen(now + ReopenPause);
                if (_time.GetElapsedTime(start) >= NetnsOpenerClient.Patience)
                {
                    // somebody else takes the answers from this socket. Each wait delays all namespaces
                    Fail(OpenerFault.Malformed, errno: 0, now);
                    break;
                }

                continue;
            }

            account.Members.Add(found);
            Sampled++;
            Listeners += sockets.All.Count;
        }

        var worst = double.NaN;
        foreach (var account in accounts)
        {
            Observe(account, now, ref worst);
        }

        _worstFill.Observe(now, worst);
        _scans.Run(accounts, now);
        foreach (var account in accounts)
        {
            HasNews |= account.TakeNews();
        }

        ChooseQueueLook(accounts, now);
        if (Sampled > 0 && _retryAt is null)
        {
            Succeed();
        }
    }

    /// <summary>Scans the sockets of names that have got series since the last look.</summary>
    /// <param name="accounts">The names.</param>
    /// <param name="now">Monotonic time.</param>
    public void ScanNew(Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now) => _scans.Run(accounts, now);

    /// <summary>Examines the accept queues that are in use, if that is due.</summary>
    /// <param name="accounts">The names.</param>
    /// <param name="now">Monotonic time.</param>
    public void LookAtQueues(Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now)
    {
        if (now >= QueueLookAt)
        {
            QueueLookAt = null;
            _scans.LookAtQueues(accounts, now);
        }
    }

    /// <summary>Lets the next look search for new listeners and scan the sockets everywhere.</summary>
    /// <param name="all">The namespaces.</param>
    public void Refresh(Dictionary<ulong, FoundNetns>.ValueCollection all)
    {
        foreach (var found in all)
        {
            if (found.Sockets is { } sockets)
            {
                sockets.WantsDump = true;
            }
        }

        _scans.Hurry();
    }

    /// <inheritdoc/>
    public void Dispose() => _opener.Dispose();

    private ReadResult Read(NetnsSockets sockets, TimeSpan now)
    {
        var age = now - (sockets.DumpedAt ?? TimeSpan.Zero);
        var isUrgent = sockets.WantsDump || age >= LongestSearchPace;
        if ((isUrgent && _budget.CanBorrow(sockets.DumpCost)) || ((sockets.HasGroups || age >= SearchPace) && _budget.CanPay(sockets.DumpCost)))
        {
            var result = sockets.Dump(_scratch, now, _cpuTime);
            _budget.Spend(sockets.DumpCost);
            return result;
        }

        return sockets.DumpedAt is null ? ReadResult.Ok : sockets.LookUp(_scratch);
    }

    private void Observe(NetnsAccount account, TimeSpan now, ref double worst)
    {
        if (account.Members.Count == 0)
        {
            account.MissListeners();
            return;
        }

        account.UnitOf ??= new NetnsUnits(account.Identity, _unitOf, _names).Of;
        account.Listeners ??= new ListenerTable(_options.PeakWindow, _options.ListenersMax, _options.ListenerFilter.Selects, account.UnitOf, _deviceOf, account.Identity.Name, isSmall: true);
        worst = Worse(worst, account.Observe(_reader, _scratch, now, _time));
    }

    /// <summary>At a random time before the next look, if a queue is in use.</summary>
    private void ChooseQueueLook(Dictionary<string, NetnsAccount>.ValueCollection accounts, TimeSpan now)
    {
        foreach (var account in accounts)
        {
            if (account.ActiveWaits(now) is not null)
            {
                QueueLookAt ??= now + (Interval * Random.Shared.NextDouble());
            }
        }
    }

    private static double Worse(double one, double other) => other <= one || double.IsNaN(other) ? one : other;

    /// <summary>Names an interface by its number: names in other namespaces cannot be read from here.</summary>
    private string DeviceOf(uint index)
    {
        if (index == 0)
        {
            return "";
        }

        ref var name = ref CollectionsMarshal.GetValueRefOrAddDefault(_devices, index, out _);
        return name ??= $"if{index}";
    }

    /// <summary>Checks a socket and takes it.</summary>
    private void Take(FoundNetns found, NetlinkSocket socket, Dictionary<ulong, FoundNetns>.ValueCollection all, TimeSpan now)
    {
        socket.Timeout = NetnsOpenerClient.Patience;
        var isWrong = socket.NetnsCookie != 0 && socket.NetnsCookie == _ownCookie;
        foreach (var other in all)
        {
            isWrong |= socket.NetnsCookie != 0 && other.Cookie == socket.NetnsCookie;
        }

        if (isWrong && !_toldTwice)
        {
            _toldTwice = true;
            LogTwice(_logger, found.Account!.Identity.Name);
        }

        // the process may have moved to another namespace
        if (!isWrong && _processes.NamespaceOf(found.Pid) == found.Inode)
        {
            found.Open(socket);
            return;
        }

        socket.Dispose();
        found.OpenAt = now + (isWrong ? LongestPause : ReopenPause);
    }

    private void TellRefused(FoundNetns found, int errno)
    {
        // a process may end at any time
        if (errno != Errno.ESRCH && !_toldRefused)
        {
            _toldRefused = true;
            LogRefused(_logger, found.Account!.Identity.Name, errno);
        }
    }

    private void Succeed()
    {
        _pause = TimeSpan.Zero;
        if (_toldUp)
        {
            return;
        }

        LogUp(_logger, Sampled);
        (_toldUp, _toldDown) = (true, false);
    }

    private void Fail(OpenerFault fault, int errno, TimeSpan now)
    {
        _pause = _pause == TimeSpan.Zero ? FirstPause : 2 * _pause < LongestPause ? 2 * _pause : LongestPause;
        _retryAt = now + _pause;
        if (_toldDown)
        {
            return;
        }

        var path = _options.OpenerPath;
        var reason = fault switch
        {
            OpenerFault.Unreachable when errno == Errno.ENOENT => $"there is no opener at {path}",
            OpenerFault.Unreachable => $"the opener at {path} cannot be reached (errno {errno})",
            OpenerFault.Silent => $"the opener at {path} does not answer",
            OpenerFault.Closed => $"the opener at {path} closed the connection",
            _ => $"the opener at {path} does not hand over usable sockets",
        };
        var isExpected = _options.Mode == NetnsMode.Auto && fault == OpenerFault.Unreachable && errno == Errno.ENOENT && !_toldUp;
        if (Sampled > 0)
        {
            LogLost(_logger, reason, Sampled);
        }
        else
        {
            LogDown(_logger, isExpected ? LogLevel.Information : LogLevel.Warning, reason);
        }

        (_toldUp, _toldDown) = (false, true);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading the listeners of {Sampled} other network namespaces every second.")]
    private static partial void LogUp(ILogger logger, int sampled);

    [LoggerMessage(Message = "The listeners of other network namespaces are not read, only their counters: {Reason} (--netns.opener). The exporter keeps trying.")]
    private static partial void LogDown(ILogger logger, LogLevel level, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The listeners of new network namespaces are not read, only their counters: {Reason} (--netns.opener). Those of {Sampled} namespaces that were opened before are still read. The exporter keeps trying.")]
    private static partial void LogLost(ILogger logger, string reason, int sampled);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The network namespace of {Name} cannot be opened (errno {Errno}), so its listeners are not read, only its counters.")]
    private static partial void LogRefused(ILogger logger, string name, int errno);

    [LoggerMessage(Level = LogLevel.Warning, Message = "For {Name}, the opener handed over a socket of the host's network namespace or of one that is already read. The exporter closed it. The listeners of {Name} are not read, only its counters.")]
    private static partial void LogTwice(ILogger logger, string name);
}
