namespace TcpStatExporter.Advisor;

/// <summary>Where well-known applications set the backlog of listen(2).</summary>
internal static class Applications
{
    private static readonly (string Unit, string Setting)[] Settings =
    [
        ("nginx", "nginx: \"listen … backlog=N;\", by default 511"),
        ("redis", "redis: \"tcp-backlog N\", by default 511"),
        ("valkey", "valkey: \"tcp-backlog N\", by default 511"),
        ("haproxy", "haproxy: \"backlog N\" of the frontend, by default its maxconn"),
        ("apache2", "apache: \"ListenBacklog N\", by default 511"),
        ("httpd", "apache: \"ListenBacklog N\", by default 511"),
        ("mysql", "mysql: \"back_log = N\""),
        ("mariadb", "mariadb: \"back_log = N\""),
        ("postgresql", "postgresql: it has no setting of its own and follows max_connections"),
        ("php", "php-fpm: \"listen.backlog = N\", by default 511"),
        ("tomcat", "tomcat: acceptCount=\"N\" of the Connector, by default 100"),
        ("memcached", "memcached: \"-b N\", by default 1024"),
        ("gunicorn", "gunicorn: \"--backlog N\", by default 2048"),
        ("ssh", "sshd: 128, fixed in its source"),
    ];

    /// <summary>How the application of a unit is told its backlog.</summary>
    /// <param name="unit">systemd unit or container; empty where unknown.</param>
    public static string BacklogSetting(string unit)
    {
        if (unit.EndsWith(".socket", StringComparison.Ordinal))
        {
            return "systemd: \"Backlog=N\" of the socket unit";
        }

        foreach (var (name, setting) in Settings)
        {
            if (unit.StartsWith(name, StringComparison.Ordinal))
            {
                return setting;
            }
        }

        return "the application's own setting, the second argument of listen(2)";
    }
}
