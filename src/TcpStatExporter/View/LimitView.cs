namespace TcpStatExporter.View;

/// <summary>Something that has a limit, and how much of it is used.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">In words: "ephemeral ports".</param>
/// <param name="Used">How much is used: sockets, ports or bytes.</param>
/// <param name="Limit">How much there is; none where it is not known.</param>
/// <param name="Setting">The kernel parameter, or the socket option, that sets it.</param>
/// <param name="Detail">More of it, such as the destination; empty where there is no more.</param>
internal sealed record LimitView(LimitKind Kind, string Name, long Used, long? Limit, string Setting, string Detail)
{
    /// <summary>Used ÷ limit; none where there is no limit known.</summary>
    public double? Ratio => Limit > 0 ? (double)Used / Limit : null;

    /// <summary>Counted in bytes.</summary>
    public bool IsBytes => Kind is LimitKind.Memory or LimitKind.UdpReceiver;
}
