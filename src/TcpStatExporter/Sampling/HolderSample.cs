namespace TcpStatExporter.Sampling;

/// <summary>Connections in one state that one unit has, with one destination where it opened them.</summary>
internal struct HolderSample
{
    /// <summary>Whose they are and where they go.</summary>
    public HolderIdentity Identity;

    /// <summary>Connections at the last sample.</summary>
    public long Connections;

    /// <summary>Of these, those that had sent their last segment again: the most at a sample of the last <see cref="HolderTable.Lately"/>.</summary>
    public long Resent;

    /// <summary>Monotonic time of the first of the samples, without a break, that had any.</summary>
    public TimeSpan Since;
}
