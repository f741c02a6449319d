namespace TcpStatExporter.Sampling;

/// <summary>
/// Lost connection requests and completed handshakes, by reason. These are losses as counted in the kernel's ListenDrops, not
/// in sk_drops: a socket also discards packets that nobody misses.
/// </summary>
/// <param name="AcceptQueue">Lost because the accept queue was full.</param>
/// <param name="SynQueue">Lost because the SYN queue was full, with SYN cookies off.</param>
/// <param name="Other">Lost for another reason.</param>
internal readonly record struct LossCounts(ulong AcceptQueue, ulong SynQueue, ulong Other)
{
    /// <summary>The total.</summary>
    public ulong Total => AcceptQueue + SynQueue + Other;

    /// <summary>The count of one reason.</summary>
    /// <param name="reason">The reason.</param>
    public ulong this[LossReason reason] => reason switch
    {
        LossReason.AcceptQueue => AcceptQueue,
        LossReason.SynQueue => SynQueue,
        _ => Other,
    };

    /// <summary>Adds two counts.</summary>
    public static LossCounts operator +(LossCounts one, LossCounts other) =>
        new(one.AcceptQueue + other.AcceptQueue, one.SynQueue + other.SynQueue, one.Other + other.Other);

    /// <summary>Returns the increase since an earlier count. 0 for a count that decreased.</summary>
    /// <param name="earlier">The earlier count.</param>
    public LossCounts Since(LossCounts earlier) =>
        new(Difference(AcceptQueue, earlier.AcceptQueue), Difference(SynQueue, earlier.SynQueue), Difference(Other, earlier.Other));

    private static ulong Difference(ulong now, ulong before) => now >= before ? now - before : 0;
}
