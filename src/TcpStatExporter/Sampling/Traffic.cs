namespace TcpStatExporter.Sampling;

/// <summary>Data that was sent.</summary>
/// <param name="Sent">Bytes, retransmissions included.</param>
/// <param name="Retransmitted">Bytes that were sent again.</param>
internal readonly record struct Traffic(ulong Sent, ulong Retransmitted)
{
    /// <summary>Retransmitted bytes as a share of all bytes sent. 0 if nothing was sent.</summary>
    public double RetransmittedRatio => Sent == 0 ? 0 : Math.Min(1, (double)Retransmitted / Sent);

    /// <summary>Returns what was sent since an earlier reading. Nothing for a count that went back.</summary>
    /// <param name="earlier">The earlier reading.</param>
    public Traffic Since(in Traffic earlier) =>
        new(Sent > earlier.Sent ? Sent - earlier.Sent : 0, Retransmitted > earlier.Retransmitted ? Retransmitted - earlier.Retransmitted : 0);
}
