namespace TcpStatExporter.View;

/// <summary>Names of limits in JSON.</summary>
internal static class LimitKindExtensions
{
    /// <summary>Returns the id of a limit: "time_wait".</summary>
    /// <param name="kind">The limit.</param>
    public static string Name(this LimitKind kind) => kind switch
    {
        LimitKind.TimeWait => "time_wait",
        LimitKind.EphemeralPorts => "ephemeral_ports",
        LimitKind.BusiestDestination => "busiest_destination",
        LimitKind.Memory => "memory",
        LimitKind.Orphans => "orphans",
        LimitKind.Conntrack => "conntrack",
        LimitKind.UdpReceiver => "udp_receiver",
        LimitKind.UnixListener => "unix_listener",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null),
    };
}
