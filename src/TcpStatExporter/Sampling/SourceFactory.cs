using Microsoft.Extensions.Logging;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Sampling.Procfs;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Chooses how each source is read. Counters and limits come from procfs; sockets and listeners from netlink where the
/// kernel answers, since procfs prints neither limits nor drops nor owners, and costs many times as much.
/// </summary>
internal sealed partial class SourceFactory
{
    private readonly string _root;
    private readonly NetlinkOpener _open;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly bool _useNetlink;

    /// <summary>Chooses.</summary>
    /// <param name="choice">What the command line asked for.</param>
    /// <param name="root">Root of procfs.</param>
    /// <param name="open">Opens a netlink socket in the namespace that is to be read.</param>
    /// <param name="logger">Told of the choice and, where netlink was refused, why.</param>
    /// <param name="stopping">Ends what a source reads before its time.</param>
    /// <exception cref="SourceRefusedException">Netlink was asked for, and the kernel refuses it.</exception>
    public SourceFactory(SourceChoice choice, string root, NetlinkOpener open, ILogger logger, CancellationToken stopping)
    {
        _root = root;
        _open = open;
        _logger = logger;
        _stopping = stopping;
        if (choice == SourceChoice.Procfs)
        {
            LogProcfs(logger);
        }
        else if (choice == SourceChoice.Auto && !FileStamp.Of(Path.Combine(root, "self")).IsFolder)
        {
            // a copy of another host's files: netlink would speak of this one
            LogForeignRoot(logger, root);
        }
        else if (SockDiagConnection.Probe(open, out var error, out var errno))
        {
            _useNetlink = true;
            LogNetlink(logger);
        }
        else if (choice == SourceChoice.Netlink)
        {
            throw new SourceRefusedException($"--source=netlink: the kernel refuses sock_diag: {error.ToSnakeCase()} (errno {errno}).");
        }
        else
        {
            LogRefused(logger, error.ToSnakeCase(), errno);
        }
    }

    /// <summary>
    /// Makes the sources of a tick, in the order in which they are to be read: sockets next to the counters that complete
    /// them, the parameters first, since ip_local_port_range tells connections that were opened here from accepted ones. The
    /// sampler reads listeners and netstat last, one right after the other.
    /// </summary>
    public IReadOnlyList<ISource> CreateTickSources()
    {
        var buffer = new ProcFileBuffer();
        return
        [
            new SysctlSource(_root, buffer, _logger),
            CounterSource.Netstat(_root, buffer),
            CounterSource.Snmp(_root, buffer),
            new SockstatSource(_root, buffer),
            _useNetlink ? new SockDiagSocketSource(_open, _stopping) : new ProcfsSocketSource(_root, _stopping),
            _useNetlink ? new SockDiagListenerSource(_open, _stopping) : new ProcfsListenerSource(_root, _stopping),
        ];
    }

    /// <summary>Makes the source of a sweep.</summary>
    /// <param name="tally">What it fills.</param>
    public ISource CreateSweepSource(SweepTally tally) =>
        _useNetlink ? new SockDiagSweepSource(tally, _open, _stopping) : new ProcfsSweepSource(_root, tally, _stopping);

    /// <summary>Makes what names the owner of a socket, for the sampler and the sweeper together. Only netlink tells a cgroup.</summary>
    /// <param name="time">The clock.</param>
    public Func<ulong, string?> CreateUnitLookup(TimeProvider time) =>
        _useNetlink ? new CgroupTree(CgroupTree.FindMount(_root), time).UnitOf : static _ => "";

    [LoggerMessage(Level = LogLevel.Information, Message = "Sockets and listeners are read by netlink, counters and limits from procfs.")]
    private static partial void LogNetlink(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything is read from procfs, as asked: no limit, drops or owner of a listener.")]
    private static partial void LogProcfs(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Everything is read from {Root}, which is no procfs of this host: no limit, drops or owner of a listener.")]
    private static partial void LogForeignRoot(ILogger logger, string root);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel refuses sock_diag ({Reason}, errno {Errno}): everything is read from procfs, at a higher cost, and without limit, drops or owner of a listener.")]
    private static partial void LogRefused(ILogger logger, string reason, int errno);
}
