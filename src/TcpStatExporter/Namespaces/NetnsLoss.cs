namespace TcpStatExporter.Namespaces;

/// <summary>What a network namespace lost, and what tells of it: counted over some time.</summary>
internal struct NetnsLoss
{
    /// <summary>ListenDrops: connection requests and completed handshakes that listeners lost.</summary>
    public ulong ListenDrops;

    /// <summary>ListenOverflows: those of them that a full accept queue lost.</summary>
    public ulong ListenOverflows;

    /// <summary>TCPTimeWaitOverflow, TCPAbortOnMemory, TCPBacklogDrop, TCPRcvQDrop, TCPZeroWindowDrop and RcvPruned.</summary>
    public ulong Other;

    /// <summary>RetransSegs.</summary>
    public ulong Retransmitted;

    /// <summary>OutSegs.</summary>
    public ulong Sent;

    /// <summary>PassiveOpens.</summary>
    public ulong Accepted;

    /// <summary>AttemptFails.</summary>
    public ulong Failed;

    /// <summary>Adds what another counted.</summary>
    /// <param name="other">The other.</param>
    public void Add(in NetnsLoss other)
    {
        ListenDrops += other.ListenDrops;
        ListenOverflows += other.ListenOverflows;
        Other += other.Other;
        Retransmitted += other.Retransmitted;
        Sent += other.Sent;
        Accepted += other.Accepted;
        Failed += other.Failed;
    }

    /// <summary>Counts an increment of a counter of TcpExt.</summary>
    /// <param name="name">As the kernel spells it.</param>
    /// <param name="added">The increment.</param>
    public void CountTcpExt(string name, ulong added)
    {
        switch (name)
        {
            case "ListenDrops":
                ListenDrops += added;
                break;
            case "ListenOverflows":
                ListenOverflows += added;
                break;
            case "TCPTimeWaitOverflow" or "TCPAbortOnMemory" or "TCPBacklogDrop" or "TCPRcvQDrop" or "TCPZeroWindowDrop" or "RcvPruned":
                Other += added;
                break;
        }
    }

    /// <summary>Counts an increment of a counter of Tcp.</summary>
    /// <param name="name">As the kernel spells it.</param>
    /// <param name="added">The increment.</param>
    public void CountTcp(string name, ulong added)
    {
        switch (name)
        {
            case "RetransSegs":
                Retransmitted += added;
                break;
            case "OutSegs":
                Sent += added;
                break;
            case "PassiveOpens":
                Accepted += added;
                break;
            case "AttemptFails":
                Failed += added;
                break;
        }
    }
}
