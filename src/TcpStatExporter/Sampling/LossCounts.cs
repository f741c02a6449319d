namespace TcpStatExporter.Sampling;

/// <summary>
/// Connection requests and completed handshakes that were lost, by reason. This is loss as the kernel's ListenDrops counts
/// it, never what sk_drops counts: a socket also discards packets whose loss hurts nobody.
/// </summary>
/// <param name="AcceptQueue">Lost because the accept queue was full.</param>
/// <param name="SynQueue">Lost because the SYN queue was full, with SYN cookies off.</param>
/// <param name="Other">Lost for any other reason.</param>
internal readonly record struct LossCounts(ulong AcceptQueue, ulong SynQueue, ulong Other)
{
    /// <summary>All of them.</summary>
    public ulong Total => AcceptQueue + SynQueue + Other;

    /// <summary>The count of one reason.</summary>
    /// <param name="reason">Which.</param>
    public ulong this[LossReason reason] => reason switch
    {
        LossReason.AcceptQueue => AcceptQueue,
        LossReason.SynQueue => SynQueue,
        _ => Other,
    };

    /// <summary>Both together.</summary>
    public static LossCounts operator +(LossCounts one, LossCounts other) =>
        new(one.AcceptQueue + other.AcceptQueue, one.SynQueue + other.SynQueue, one.Other + other.Other);

    /// <summary>What was added between an earlier count and a later one; 0 for a count that went back.</summary>
    /// <param name="earlier">The earlier count.</param>
    public LossCounts Since(LossCounts earlier) =>
        new(Difference(AcceptQueue, earlier.AcceptQueue), Difference(SynQueue, earlier.SynQueue), Difference(Other, earlier.Other));

    private static ulong Difference(ulong now, ulong before) => now >= before ? now - before : 0;
}
