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
    private readonly bool _useNetlink;

    /// <summary>Chooses.</summary>
    /// <param name="choice">What the command line asked for.</param>
    /// <param name="root">Root of procfs.</param>
    /// <param name="logger">Told of the choice and, where netlink was refused, why.</param>
    /// <exception cref="SourceRefusedException">Netlink was asked for, and the kernel refuses it.</exception>
    public SourceFactory(SourceChoice choice, string root, ILogger logger)
    {
        _root = root;
        if (choice == SourceChoice.Procfs)
        {
            LogProcfs(logger);
        }
        else if (choice == SourceChoice.Auto && !Directory.Exists(Path.Combine(root, "self")))
        {
            // a copy of another host's files: netlink would speak of this one
            LogForeignRoot(logger, root);
        }
        else if (SockDiagConnection.Probe(out var error, out var errno))
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

    /// <summary>Makes the sources of a tick, in the order in which they are to be read: sockets next to the counters that complete them.</summary>
    public IReadOnlyList<ISource> CreateTickSources()
    {
        var buffer = new ProcFileBuffer();
        return
        [
            CounterSource.Snmp(_root, buffer),
            new SockstatSource(_root, buffer),
            _useNetlink ? new SockDiagSocketSource() : new ProcfsSocketSource(_root),
            _useNetlink ? new SockDiagListenerSource() : new ProcfsListenerSource(_root),
            CounterSource.Netstat(_root, buffer),
            new SysctlSource(_root, buffer),
        ];
    }

    /// <summary>Makes the source of a sweep.</summary>
    /// <param name="tally">What it fills.</param>
    public ISource CreateSweepSource(SweepTally tally) =>
        _useNetlink ? new SockDiagSweepSource(tally) : new ProcfsSweepSource(_root, tally);

    /// <summary>Makes what names the owner of a listener. Only netlink tells a cgroup.</summary>
    /// <param name="time">The clock.</param>
    public Func<ulong, string> CreateUnitLookup(TimeProvider time) =>
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
