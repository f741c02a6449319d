using Microsoft.Win32.SafeHandles;
using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// A network namespace that exists: descriptors of its files, and its counters when they were last read. Nothing in it keeps
/// the namespace alive.
/// </summary>
internal sealed class FoundNetns : IDisposable
{
    /// <summary>Open files per namespace: those that are read, the pidfd, and the socket for listeners.</summary>
    public const int OpenFiles = 6;

    private FoundNetns(ulong token, ulong inode, int pid, UnpinnedFile netstat, UnpinnedFile snmp, UnpinnedFile sockstat, UnpinnedFile? sockstat6)
    {
        Token = token;
        Inode = inode;
        Pid = pid;
        Netstat = netstat;
        Snmp = snmp;
        Sockstat = sockstat;
        Sockstat6 = sockstat6;
    }

    /// <summary>Its number. No number is used twice.</summary>
    public ulong Token { get; }

    /// <summary>
    /// The inode that its processes have in common. Once this namespace is gone, another one may get the same inode.
    /// </summary>
    public ulong Inode { get; }

    /// <summary>A process in it. 0 if none is known.</summary>
    public int Pid { get; private set; }

    /// <summary><c>/proc/PID/net/netstat</c>.</summary>
    public UnpinnedFile Netstat { get; }

    /// <summary><c>/proc/PID/net/snmp</c>.</summary>
    public UnpinnedFile Snmp { get; }

    /// <summary><c>/proc/PID/net/sockstat</c>.</summary>
    public UnpinnedFile Sockstat { get; }

    /// <summary><c>/proc/PID/net/sockstat6</c>. Null without IPv6.</summary>
    public UnpinnedFile? Sockstat6 { get; }

    /// <summary>Counters of the last read.</summary>
    public NetnsCounters Last { get; } = new();

    /// <summary>
    /// True if it started while the exporter ran, so that its counters started at 0. What other namespaces counted before the
    /// first look may be old.
    /// </summary>
    public bool IsNew { get; init; }

    /// <summary>When it was found.</summary>
    public TimeSpan FoundAt { get; init; }

    /// <summary>What it counted since the last pass.</summary>
    public NetnsLoss Counted;

    /// <summary>True once its counters were read.</summary>
    public bool IsRead { get; set; }

    /// <summary>The account that its counters are added to. Null if the filter excludes it.</summary>
    public NetnsAccount? Account { get; set; }

    /// <summary>True once the exporter has looked for its name.</summary>
    public bool IsNamed { get; set; }

    /// <summary>A pidfd of <see cref="Pid"/>. Null if that cannot be watched or has ended.</summary>
    public SafeFileHandle? Process { get; private set; }

    /// <summary>Its listeners. Null if they are not read.</summary>
    public NetnsSockets? Sockets { get; private set; }

    /// <summary>Identifies it in the kernel. 0 if <see cref="Sockets"/> is null or the kernel does not tell.</summary>
    public ulong Cookie { get; private set; }

    /// <summary>Earliest monotonic time at which to open <see cref="Sockets"/>.</summary>
    public TimeSpan OpenAt { get; set; }

    /// <summary>Finds the files of the namespace of a process.</summary>
    /// <param name="token">The number of the namespace.</param>
    /// <param name="processes">The processes.</param>
    /// <param name="pid">The process.</param>
    /// <param name="inode">What <see cref="ProcessTable.NamespaceOf"/> returned for the process.</param>
    /// <param name="isNew">True if the namespace started while the exporter ran.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="errno">Why there is no result.</param>
    /// <returns>Null if the process is gone, or if the exporter cannot open more files.</returns>
    public static FoundNetns? Find(ulong token, ProcessTable processes, int pid, ulong inode, bool isNew, TimeSpan now, out int errno)
    {
        var netstat = UnpinnedFile.Find(processes.PathOf(pid, "net/netstat"), out errno);
        var snmp = netstat is null ? null : UnpinnedFile.Find(processes.PathOf(pid, "net/snmp"), out errno);
        var sockstat = snmp is null ? null : UnpinnedFile.Find(processes.PathOf(pid, "net/sockstat"), out errno);
        if (sockstat is not null)
        {
            var sockstat6 = UnpinnedFile.Find(processes.PathOf(pid, "net/sockstat6"), out errno);

            // the process may have moved to another namespace in the meantime
            if ((sockstat6 is not null || errno == Errno.ENOENT) && processes.NamespaceOf(pid) == inode)
            {
                return new FoundNetns(token, inode, pid, netstat!, snmp!, sockstat, sockstat6) { IsNew = isNew, FoundAt = now };
            }

            sockstat6?.Dispose();
        }

        netstat?.Dispose();
        snmp?.Dispose();
        sockstat?.Dispose();
        return null;
    }

    /// <summary>Watches one of its processes, to learn when it ends.</summary>
    /// <param name="deaths">Reports the end of a process. Null if the process ids in procfs are of another PID namespace.</param>
    /// <param name="pid">The process. 0 if none is known.</param>
    public void Follow(ProcessDeaths? deaths, int pid)
    {
        Process?.Dispose();
        Pid = pid;
        OpenAt = TimeSpan.Zero;
        Process = pid == 0 ? null : deaths?.TryWatch(pid, Token);
        if (Process is null)
        {
            // if this was the last process, an open socket would keep the namespace
            CloseSockets();
        }
    }

    /// <summary>Begins to read its listeners.</summary>
    /// <param name="socket">A socket in it.</param>
    public void Open(NetlinkSocket socket)
    {
        Sockets = new NetnsSockets(socket);
        Cookie = socket.NetnsCookie;
    }

    /// <summary>Stops reading its listeners for a while: the socket does not answer.</summary>
    /// <param name="at">When to open another one.</param>
    public void Reopen(TimeSpan at)
    {
        CloseSockets();
        OpenAt = at;
    }

    /// <summary>Stops reading its listeners.</summary>
    public void CloseSockets()
    {
        Sockets?.Dispose();
        Sockets = null;
        Cookie = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseSockets();
        Process?.Dispose();
        Netstat.Dispose();
        Snmp.Dispose();
        Sockstat.Dispose();
        Sockstat6?.Dispose();
    }
}
