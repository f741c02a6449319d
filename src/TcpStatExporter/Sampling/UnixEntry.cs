using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>What is remembered of the AF_UNIX listeners of one name.</summary>
/// <param name="path">The name as text.</param>
internal sealed class UnixEntry(string path)
{
    private PeakWindow? _queuePeak;
    private PeakWindow? _fillRatioPeak;
    private ulong _namedInode;
    private TimeSpan? _askedAt;

    /// <summary>Their row. Its identity is null until the owner was looked for.</summary>
    public UnixSample Sample;

    /// <summary>The name as text.</summary>
    public string Path { get; } = path;

    /// <summary>The look that saw one of them last.</summary>
    public uint Look { get; private set; }

    /// <summary>Monotonic time of the look that saw one of them last.</summary>
    public TimeSpan LastSeen { get; private set; }

    /// <summary>The highest inode of them: that of the newest socket.</summary>
    public ulong Inode { get; private set; }

    /// <summary>They have a row.</summary>
    public bool IsSeated => _queuePeak is not null;

    /// <summary>How full the queue is or was in the peak window, as far as it decides who has a row.</summary>
    public double Priority => IsSeated ? PriorityOf(Math.Max(Sample.FillRatio, Sample.FillRatioPeak)) : PriorityOf(Sample.FillRatio);

    /// <summary>Takes one socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="look">The look that is under way.</param>
    public void Join(in UnixSocket socket, uint look)
    {
        if (Look != look)
        {
            Look = look;
            Inode = 0;
            (Sample.Sockets, Sample.QueueLength, Sample.QueueLimit, Sample.FillRatio, Sample.Uid) = (0, 0, 0, 0, null);
        }

        Sample.Sockets++;
        Sample.QueueLength += socket.QueueLength;
        Sample.QueueLimit += socket.QueueLimit;
        Sample.FillRatio = Math.Max(Sample.FillRatio, ListenerEntry.Fill(socket.QueueLength, socket.QueueLimit));
        if (socket.Inode >= Inode)
        {
            Inode = socket.Inode;
            Sample.Uid = socket.HasUid ? socket.Uid : null;
        }
    }

    /// <summary>Gives them a row.</summary>
    /// <param name="peakWindow">Window of the peaks.</param>
    public void Seat(TimeSpan peakWindow)
    {
        _queuePeak = new PeakWindow(peakWindow);
        _fillRatioPeak = new PeakWindow(peakWindow);
    }

    /// <summary>Takes their row away.</summary>
    public void Unseat()
    {
        (_queuePeak, _fillRatioPeak) = (null, null);
        (Sample.QueuePeak, Sample.FillRatioPeak, Sample.FullSince) = (0, 0, null);
    }

    /// <summary>Takes the finished look, which saw them, into the peaks.</summary>
    /// <param name="now">Monotonic time.</param>
    public void Close(TimeSpan now)
    {
        LastSeen = now;
        if (_queuePeak is null || _fillRatioPeak is null)
        {
            return;
        }

        _queuePeak.Observe(now, Sample.QueueLength);
        _fillRatioPeak.Observe(now, Sample.FillRatio);
        Sample.QueuePeak = _queuePeak.Peak;
        Sample.FillRatioPeak = _fillRatioPeak.Peak;
        Sample.FullSince = Sample.FillRatio > 1 ? Sample.FullSince ?? now : null;
    }

    /// <summary>Gives the row a name, as soon as it is known who holds the socket, or that nobody can tell.</summary>
    /// <param name="owners">Knows who holds sockets.</param>
    /// <param name="now">Monotonic time.</param>
    /// <param name="netns">The network namespace.</param>
    public void Name(UnixOwners owners, TimeSpan now, string netns)
    {
        if (Inode == _namedInode && Sample.Identity is not null)
        {
            return;
        }

        var unit = owners.UnitOf(Inode);
        if (unit is null && now - (_askedAt ??= now) < UnixOwners.Patience)
        {
            return;
        }

        if (Sample.Identity is null || (unit is not null && unit != Sample.Identity.Unit))
        {
            Sample.Identity = new UnixIdentity(Path, unit ?? "", netns);
        }

        (_namedInode, _askedAt) = (Inode, null);
    }

    /// <summary>A queue that is less than half full is none: what comes and goes in it shall not move rows about.</summary>
    private static double PriorityOf(double fill) => fill > 0.5 ? fill : 0;
}
