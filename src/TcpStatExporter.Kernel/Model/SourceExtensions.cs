namespace TcpStatExporter.Kernel.Model;

/// <summary>Names of sources, errors and statuses in labels, logs and reports.</summary>
public static class SourceExtensions
{
    /// <summary>Number of sources of a network namespace.</summary>
    public static int Count { get; } = Enum.GetValues<SourceId>().Length;

    /// <summary>Number of sources of the host.</summary>
    public static int HostCount { get; } = Enum.GetValues<HostSourceId>().Length;

    /// <summary>Returns the name of a source: "sockets".</summary>
    /// <param name="id">The source.</param>
    public static string Name(this SourceId id) => id switch
    {
        SourceId.Sockets => "sockets",
        SourceId.Listeners => "listeners",
        SourceId.Snmp => "snmp",
        SourceId.Netstat => "netstat",
        SourceId.Sockstat => "sockstat",
        SourceId.Sysctl => "sysctl",
        SourceId.Sweep => "sweep",
        SourceId.Conntrack => "conntrack",
        SourceId.Udp => "udp",
        SourceId.Unix => "unix",
        _ => throw new ArgumentOutOfRangeException(nameof(id), id, message: null),
    };

    /// <summary>Returns the name of a source of the host: "softnet".</summary>
    /// <param name="id">The source.</param>
    public static string Name(this HostSourceId id) => id switch
    {
        HostSourceId.Machine => "advisor",
        HostSourceId.Softnet => "softnet",
        _ => throw new ArgumentOutOfRangeException(nameof(id), id, message: null),
    };

    /// <summary>Returns the name of an error: "permission_denied".</summary>
    /// <param name="error">The error.</param>
    public static string Name(this SourceError error) => error switch
    {
        SourceError.None => "none",
        SourceError.NotFound => "not_found",
        SourceError.PermissionDenied => "permission_denied",
        SourceError.Io => "io",
        SourceError.TooLarge => "too_large",
        SourceError.Empty => "empty",
        SourceError.Truncated => "truncated",
        SourceError.Malformed => "malformed",
        SourceError.NumberOutOfRange => "number_out_of_range",
        SourceError.HeaderMismatch => "header_mismatch",
        SourceError.Timeout => "timeout",
        SourceError.NoBuffers => "no_buffers",
        SourceError.Interrupted => "interrupted",
        SourceError.Unsupported => "unsupported",
        SourceError.Internal => "internal",
        SourceError.Stale => "stale",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, message: null),
    };

    /// <summary>Returns the name of a status: "not_read".</summary>
    /// <param name="status">The status.</param>
    public static string Name(this SourceStatus status) => status switch
    {
        SourceStatus.NotRead => "not_read",
        SourceStatus.Ok => "ok",
        SourceStatus.Failed => "failed",
        SourceStatus.Absent => "absent",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, message: null),
    };
}
