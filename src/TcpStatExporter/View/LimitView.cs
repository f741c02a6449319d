namespace TcpStatExporter.View;

/// <summary>A resource with a limit, and how much of it is used.</summary>
/// <param name="Kind">The resource.</param>
/// <param name="Name">Its name in words: "ephemeral ports".</param>
/// <param name="Used">Sockets, ports or bytes in use.</param>
/// <param name="Limit">The limit. Null if unknown.</param>
/// <param name="Setting">The kernel parameter or socket option that sets the limit.</param>
/// <param name="Detail">More detail, such as the destination. Empty if there is none.</param>
internal sealed record LimitView(LimitKind Kind, string Name, long Used, long? Limit, string Setting, string Detail)
{
    /// <summary>Used ÷ limit. Null if no limit is known.</summary>
    public double? Ratio => Limit > 0 ? (double)Used / Limit : null;

    /// <summary>True if it is counted in bytes.</summary>
    public bool IsBytes => Kind is LimitKind.Memory or LimitKind.UdpReceiver;
}
