namespace TcpStatExporter.Sampling;

/// <summary>A socket that may have lost something since the last read, with the evidence and its share.</summary>
internal struct LossClaim
{
    /// <summary>Index of the socket in the read. −1 for one that was in the last read and has closed.</summary>
    public int Socket;

    /// <summary>The slot of its record.</summary>
    public int Record;

    /// <summary>Packets that it discarded. Each loss is at least one of them.</summary>
    public ulong Discarded;

    /// <summary>Packets that it discarded beyond its usual rate without losses.</summary>
    public ulong Excess;

    /// <summary>How likely it is that its accept queue overflowed.</summary>
    public LossGrade AcceptQueue;

    /// <summary>How likely it is that its SYN queue was full.</summary>
    public LossGrade SynQueue;

    /// <summary>The losses attributed to it.</summary>
    public LossCounts Lost;
}
