using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Namespaces;

/// <summary>
/// A network namespace that lives: the places of its files, and its counters as they were read last. Nothing in it keeps the
/// namespace alive.
/// </summary>
internal sealed class FoundNetns : IDisposable
{
    /// <summary>Files that one takes: those that are read, and the pidfd.</summary>
    public const int OpenFiles = 5;

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

    /// <summary>Its number; none is used twice.</summary>
    public ulong Token { get; }

    /// <summary>What its processes have in common; another namespace may have it once this one is gone.</summary>
    public ulong Inode { get; }

    /// <summary>A process in it; 0 if none is known.</summary>
    public int Pid { get; private set; }

    /// <summary><c>/proc/PID/net/netstat</c>.</summary>
    public UnpinnedFile Netstat { get; }

    /// <summary><c>/proc/PID/net/snmp</c>.</summary>
    public UnpinnedFile Snmp { get; }

    /// <summary><c>/proc/PID/net/sockstat</c>.</summary>
    public UnpinnedFile Sockstat { get; }

    /// <summary><c>/proc/PID/net/sockstat6</c>; null without IPv6.</summary>
    public UnpinnedFile? Sockstat6 { get; }

    /// <summary>Counters as they were read last.</summary>
    public NetnsCounters Last { get; } = new();

    /// <summary>It began while it was looked for: its counters began at 0. What others counted before the first look is not known to be of now.</summary>
    public bool IsNew { get; init; }

    /// <summary>When it was found.</summary>
    public TimeSpan FoundAt { get; init; }

    /// <summary>Counters were read.</summary>
    public bool IsRead { get; set; }

    /// <summary>Where its counters are added up; null if it is left out.</summary>
    public NetnsAccount? Account { get; set; }

    /// <summary>Its name was sought at least once.</summary>
    public bool IsNamed { get; set; }

    private IDisposable? Watch { get; set; }

    /// <summary>Finds the files of a process's namespace.</summary>
    /// <param name="token">Its number.</param>
    /// <param name="processes">The processes.</param>
    /// <param name="pid">The process.</param>
    /// <param name="inode">What <see cref="ProcessTable.NamespaceOf"/> says of it.</param>
    /// <param name="isNew">It began while it was looked for.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="errno">Why it cannot be had.</param>
    /// <returns>Null if the process is gone, or this process may open no more files.</returns>
    public static FoundNetns? Find(ulong token, ProcessTable processes, int pid, ulong inode, bool isNew, TimeSpan now, out int errno)
    {
        var netstat = UnpinnedFile.Find(processes.PathOf(pid, "net/netstat"), out errno);
        var snmp = netstat is null ? null : UnpinnedFile.Find(processes.PathOf(pid, "net/snmp"), out errno);
        var sockstat = snmp is null ? null : UnpinnedFile.Find(processes.PathOf(pid, "net/sockstat"), out errno);
        if (sockstat is not null)
        {
            var sockstat6 = UnpinnedFile.Find(processes.PathOf(pid, "net/sockstat6"), out errno);

            // the process may have gone over to another namespace meanwhile
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

    /// <summary>Has the death of a process of it told.</summary>
    /// <param name="deaths">Tells it; null where ids of processes are others'.</param>
    /// <param name="pid">The process; 0 if none is known.</param>
    public void Follow(ProcessDeaths? deaths, int pid)
    {
        Watch?.Dispose();
        Pid = pid;
        Watch = pid == 0 ? null : deaths?.TryWatch(pid, Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Watch?.Dispose();
        Netstat.Dispose();
        Snmp.Dispose();
        Sockstat.Dispose();
        Sockstat6?.Dispose();
    }
}
