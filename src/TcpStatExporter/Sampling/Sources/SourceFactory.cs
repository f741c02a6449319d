using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Sampling.Sources;

/// <summary>
/// Chooses how each source is read. Counters and limits come from procfs. Sockets and listeners come from netlink if the
/// kernel answers, because procfs prints no limits, drops or owners and costs many times as much.
/// </summary>
internal sealed partial class SourceFactory
{
    private readonly NetNamespace _net;
    private readonly TimeWaitCheck _timeWait;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TimeSpan _slowPace;
    private readonly CancellationToken _stopping;
    private readonly bool _useNetlink;
    private readonly LateNetlink? _late;

    /// <summary>Makes the choice.</summary>
    /// <param name="choice">The value of the flag.</param>
    /// <param name="net">The network namespace to read.</param>
    /// <param name="logger">Logs the choice and, if netlink was refused, the reason.</param>
    /// <param name="stopping">Stops the reads of sources early.</param>
    /// <param name="time">The clock.</param>
    /// <param name="slowPace">Minimum time between two reads of what is not read in each tick. Zero: read it in each tick.</param>
    /// <exception cref="SourceRefusedException">
    /// Netlink was requested, but the kernel refuses it, or it would show another namespace.
    /// </exception>
    public SourceFactory(SourceChoice choice, NetNamespace net, ILogger logger, CancellationToken stopping, TimeProvider? time = null, TimeSpan slowPace = default)
    {
        _net = net;
        _timeWait = new TimeWaitCheck(logger);
        _logger = logger;
        _time = time ?? TimeProvider.System;
        _slowPace = slowPace;
        _stopping = stopping;
        if (choice == SourceChoice.Procfs)
        {
            LogProcfs(logger);
        }
        else if (!net.HasNetlink)
        {
            if (choice == SourceChoice.Netlink)
            {
                throw new SourceRefusedException($"--source=netlink: {net.Folder} shows another network namespace than that of this process, which is the only one that netlink reads. Leave --source out to read all of it from files.")
                {
                    IsUsageError = true,
                };
            }

            LogForeign(logger, net.Folder);
        }
        else if (SockDiagConnection.Probe(net, out var error, out var errno))
        {
            _useNetlink = true;
            LogNetlink(logger);
        }
        else if (choice == SourceChoice.Netlink)
        {
            // the sources themselves report and survive a temporary error
            _useNetlink = NetlinkSocket.MayPass(errno)
                ? true
                : throw new SourceRefusedException($"--source=netlink: the kernel refuses sock_diag: {error.Name()} (errno {errno}).");
        }
        else if (NetlinkSocket.MayPass(errno))
        {
            _late = new LateNetlink(net, _time, logger);
            LogPutOff(logger, errno);
        }
        else
        {
            LogRefused(logger, error.Name(), errno);
        }
    }

    /// <summary>
    /// Creates the sources of a tick, in the order in which they are read. The parameters come first, because
    /// ip_local_port_range distinguishes connections that were opened here from accepted ones. Sockets come next to the
    /// counters that complete them. The sampler reads listeners and netstat last, in direct succession.
    /// </summary>
    /// <param name="budget">CPU budget for dumps of the connections. Null: no limit.</param>
    /// <param name="unix">Receives AF_UNIX listeners. Null: they are not read.</param>
    public IReadOnlyList<ISource> CreateTickSources(CpuBudget? budget = null, UnixTable? unix = null)
    {
        var buffer = new ProcFileBuffer();
        var pass = new NetTcpPass(_net, _stopping);
        return
        [
            new SysctlSource(_net, buffer, _logger),
            new ConntrackSource(_net, buffer),
            Choose(() => new UdpSource(_net, useNetlink: true, Pace(), _stopping), () => new UdpSource(_net, useNetlink: false, Pace(), _stopping)),
            new NetstatSource(_net, buffer),
            new SnmpSource(_net, buffer, Pace()),
            new SockstatSource(_net, buffer),
            .. unix is null || !HasNetlink ? Array.Empty<ISource>() : [Choose(() => new UnixSource(_net, unix, UnixPace(), _time, _stopping), () => new AbsentSource(SourceId.Unix))],
            Choose(() => new SockDiagSocketSource(_net, _timeWait, _stopping, budget is null ? null : Schedule(budget, buffer)), () => new ProcfsSocketSource(pass)),
            Choose(() => new SockDiagListenerSource(_net, _stopping), () => new ProcfsListenerSource(pass)),
        ];
    }

    /// <summary>Creates the source of a sweep.</summary>
    /// <param name="tally">The tally to fill.</param>
    public ISource CreateSweepSource(SweepTally tally) =>
        Choose(() => new SockDiagSweepSource(tally, _net, _timeWait, _stopping), () => new ProcfsSweepSource(_net, tally, _stopping));

    /// <summary>
    /// Creates the source that measures how long connections wait to be accepted. Null if only procfs is read, which does not
    /// report it.
    /// </summary>
    /// <param name="budget">CPU budget for dumps of the connections. Null: no limit.</param>
    public IQueueWatch? CreateQueueWatch(CpuBudget? budget) =>
        TellsOwners ? new AcceptWaits(_net, budget, ThreadCpuClock.Now, _stopping) : null;

    /// <summary>True if sockets show the cgroup of their owner, now or later. Only netlink reports it.</summary>
    public bool TellsOwners => HasNetlink;

    /// <summary>True if netlink is available, now or later.</summary>
    private bool HasNetlink => _useNetlink || _late is not null;

    private DumpSchedule Schedule(CpuBudget budget, ProcFileBuffer buffer) =>
        new(budget, new CounterJumps(new NetstatSource(_net, buffer)), new StateProbe(_net, _stopping), _time, ThreadCpuClock.Now);

    /// <summary>At each tick, unless that costs too much; in a program that takes two samples, in both.</summary>
    private ReadingPace UnixPace() => new(_slowPace > TimeSpan.Zero ? TimeSpan.FromTicks(1) : TimeSpan.Zero, _time, ThreadCpuClock.Now);

    private ReadingPace Pace() => new(_slowPace, _time, ThreadCpuClock.Now);

    private ISource Choose(Func<ISource> netlink, Func<ISource> procfs) =>
        _late is not null ? new LateSource(_late, netlink(), procfs()) : _useNetlink ? netlink() : procfs();

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading sockets and listeners through netlink, counters and limits from procfs.")]
    private static partial void LogNetlink(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading everything from procfs, as configured: no queue limits, drops or owners of listeners.")]
    private static partial void LogProcfs(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Folder} belongs to another network namespace, and netlink can only read that of this process. Reading everything from files: no queue limits, drops or owners of listeners.")]
    private static partial void LogForeign(ILogger logger, string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel refuses sock_diag ({Reason}, errno {Errno}). Reading everything from procfs: this costs more CPU, and there are no queue limits, drops or owners of listeners.")]
    private static partial void LogRefused(ILogger logger, string reason, int errno);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel has no memory or descriptor left for sock_diag (errno {Errno}). Retrying. Until then, reading everything from procfs: this costs more CPU, and there are no queue limits, drops or owners of listeners.")]
    private static partial void LogPutOff(ILogger logger, int errno);
}
