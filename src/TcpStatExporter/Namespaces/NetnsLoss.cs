namespace TcpStatExporter.Namespaces;

/// <summary>What a network namespace lost, and other counters that matter for it, over some time.</summary>
internal struct NetnsLoss
{
    /// <summary>ListenDrops: connection requests and completed handshakes that listeners lost.</summary>
    public ulong ListenDrops;

    /// <summary>ListenOverflows: those of ListenDrops that a full accept queue caused.</summary>
    public ulong ListenOverflows;

    /// <summary>
    /// TCPTimeWaitOverflow, TCPAbortOnMemory, TCPBacklogDrop, TCPRcvQDrop, TCPZeroWindowDrop and RcvPruned.
    /// </summary>
    public ulong Other;

    /// <summary>RetransSegs.</summary>
    public ulong Retransmitted;

    /// <summary>OutSegs.</summary>
    public ulong Sent;

    /// <summary>PassiveOpens.</summary>
    public ulong Accepted;

    /// <summary>PassiveOpens and ActiveOpens.</summary>
    public ulong Opened;

    /// <summary>AttemptFails.</summary>
    public ulong Failed;

    /// <summary>Adds other counts to these.</summary>
    /// <param name="other">The other counts.</param>
    public void Add(in NetnsLoss other)
    {
        ListenDrops += other.ListenDrops;
        ListenOverflows += other.ListenOverflows;
        Other += other.Other;
        Retransmitted += other.Retransmitted;
        Sent += other.Sent;
        Accepted += other.Accepted;
        Opened += other.Opened;
        Failed += other.Failed;
    }

    /// <summary>Counts an increment of a counter of TcpExt.</summary>
    /// <param name="name">Its name in the kernel.</param>
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
    /// <param name="name">Its name in the kernel.</param>
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
                Opened += added;
                break;
            case "ActiveOpens":
                Opened += added;
                break;
            case "AttemptFails":
                Failed += added;
                break;
        }
    }
}
