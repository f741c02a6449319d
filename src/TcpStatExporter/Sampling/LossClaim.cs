namespace TcpStatExporter.Sampling;

/// <summary>One socket that may have lost something since the last look, with the evidence for it and the share that it is given.</summary>
internal struct LossClaim
{
    /// <summary>Place of the socket in the look; −1 for one that was there at the last look and is gone.</summary>
    public int Socket;

    /// <summary>The slot of its record.</summary>
    public int Record;

    /// <summary>Packets that it discarded. Each loss is at least one of them.</summary>
    public ulong Discarded;

    /// <summary>Packets that it discarded beyond what it discards while nothing is lost anywhere.</summary>
    public ulong Excess;

    /// <summary>How likely its accept queue overflowed.</summary>
    public LossGrade AcceptQueue;

    /// <summary>How likely its SYN queue was full.</summary>
    public LossGrade SynQueue;

    /// <summary>What it is given.</summary>
    public LossCounts Lost;
}
