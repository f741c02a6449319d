using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Sampling;

/// <summary>
/// Which unit holds a socket, by a walk over <c>/proc/PID/fd</c>: for sockets of which the kernel does not tell the cgroup. Walks
/// only where this process may look at those of other users, only for sockets that it has not looked for yet, and never on the
/// thread that samples, but where there is just one or two samples.
/// </summary>
/// <param name="procfsRoot">Where procfs is mounted.</param>
/// <param name="pace">When to walk. A walk may cost more than a tick.</param>
/// <param name="isAwaited">Walk on the thread that asks.</param>
internal sealed class UnixOwners(string procfsRoot, ReadingPace pace, bool isAwaited)
{
    /// <summary>Time between two walks at least, in a daemon.</summary>
    public static readonly TimeSpan PaceOfDaemon = TimeSpan.FromSeconds(10);

    /// <summary>Time after which a socket whose owner was not found is shown without.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _wanted = [];
    private Dictionary<ulong, string> _units = [];
    private HashSet<ulong> _looked = [];
    private bool? _mayLook;
    private bool _isWalking;

    /// <summary>The unit that holds a socket.</summary>
    /// <param name="inode">Its inode.</param>
    /// <returns>Empty where none is known; null where it was not looked for yet, which <see cref="Look"/> will do.</returns>
    public string? UnitOf(ulong inode)
    {
        if (!(_mayLook ??= SocketOwners.MayLook(procfsRoot)))
        {
            return "";
        }

        lock (_lock)
        {
            if (_looked.Contains(inode))
            {
                return _units.GetValueOrDefault(inode, "");
            }
        }

        _wanted.Add(inode);
        return null;
    }

    /// <summary>Looks for the owners that were asked for, if it is time to.</summary>
    /// <returns>True if they are known now.</returns>
    public bool Look()
    {
        if (_wanted.Count == 0)
        {
            return false;
        }

        if (!TryBegin())
        {
            // who still wants to know asks again
            _wanted.Clear();
            return false;
        }

        Begin([.. _wanted]);
        _wanted.Clear();
        return isAwaited;
    }

    private void Begin(HashSet<ulong> inodes)
    {
        if (isAwaited)
        {
            Walk(inodes);
        }
        else
        {
            // a walk that fails leaves its sockets without owner
            _ = Task.Run(() => Walk(inodes), CancellationToken.None);
        }
    }

    private bool TryBegin()
    {
        lock (_lock)
        {
            var isDue = !_isWalking && pace.IsDue;
            _isWalking |= isDue;
            return isDue;
        }
    }

    private void Walk(HashSet<ulong> inodes)
    {
        pace.Begin();
        var units = new Dictionary<ulong, string>();
        try
        {
            units = SocketOwners.FindUnits(procfsRoot, inodes);
        }
        finally
        {
            pace.End(succeeded: true);
            lock (_lock)
            {
                // who asked takes the answer before asking for another
                (_units, _looked, _isWalking) = (units, inodes, false);
            }
        }
    }
}
