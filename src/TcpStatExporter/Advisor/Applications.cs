namespace TcpStatExporter.Advisor;

/// <summary>Where well-known applications set the backlog of listen(2).</summary>
internal static class Applications
{
    private const string Restart = "then restart it: a backlog is fixed at listen(2)";
    private const string Reload = "then reload it: it calls listen(2) again";

    private static readonly (string Unit, string Setting, string Effect)[] Settings =
    [
        ("nginx", "nginx: \"listen … backlog=N;\", by default 511", Reload),
        ("redis", "redis: \"tcp-backlog N\", by default 511", Restart),
        ("valkey", "valkey: \"tcp-backlog N\", by default 511", Restart),
        ("haproxy", "haproxy: \"backlog N\" of the frontend, by default its maxconn", Reload),
        ("apache2", "apache: \"ListenBacklog N\", by default 511", Restart),
        ("httpd", "apache: \"ListenBacklog N\", by default 511", Restart),
        ("mysql", "mysql: \"back_log = N\"", Restart),
        ("mariadb", "mariadb: \"back_log = N\"", Restart),
        ("postgresql", "postgresql: it has no setting of its own and follows max_connections", Restart),
        ("php", "php-fpm: \"listen.backlog = N\", by default 511", Restart),
        ("tomcat", "tomcat: acceptCount=\"N\" of the Connector, by default 100", Restart),
        ("memcached", "memcached: \"-b N\", by default 1024", Restart),
        ("gunicorn", "gunicorn: \"--backlog N\", by default 2048", Restart),
    ];

    /// <summary>Applications with a backlog that is hard-coded in their source. Nobody can change it.</summary>
    private static readonly string[] Fixed = ["ssh.service", "sshd.service", "ssh@", "sshd@"];

    /// <summary>Returns true if the backlog of a unit's application can be changed.</summary>
    /// <param name="unit">systemd unit or container. Empty if unknown.</param>
    public static bool CanChangeBacklog(string unit) => !Array.Exists(Fixed, name => unit.StartsWith(name, StringComparison.Ordinal));

    /// <summary>Returns how to set the backlog of a unit's application.</summary>
    /// <param name="unit">systemd unit or container. Empty if unknown.</param>
    public static string BacklogSetting(string unit) =>
        IsSocketUnit(unit) ? "systemd: \"Backlog=N\" of the socket unit" : Known(unit)?.Setting ?? "the application's own setting, the second argument of listen(2)";

    /// <summary>Returns how a unit's application applies a new backlog.</summary>
    /// <param name="unit">systemd unit or container. Empty if unknown.</param>
    public static string BacklogEffect(string unit) =>
        IsSocketUnit(unit) ? "then restart the socket unit: a backlog is fixed at listen(2)" : Known(unit)?.Effect ?? Restart;

    private static bool IsSocketUnit(string unit) => unit.EndsWith(".socket", StringComparison.Ordinal);

    private static (string Unit, string Setting, string Effect)? Known(string unit)
    {
        foreach (var known in Settings)
        {
            if (unit.StartsWith(known.Unit, StringComparison.Ordinal))
            {
                return known;
            }
        }

        return null;
    }
}
