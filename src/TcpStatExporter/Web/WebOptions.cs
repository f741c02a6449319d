namespace TcpStatExporter.Web;

/// <summary>How the web server listens, and its limits.</summary>
internal sealed record WebOptions
{
    /// <summary>Addresses to listen on.</summary>
    public required IReadOnlyList<ListenAddress> ListenAddresses { get; init; }

    /// <summary>Descriptors of sockets that already listen. They are used instead of the addresses.</summary>
    public IReadOnlyList<ulong> Sockets { get; init; } = [];

    /// <summary>Path of the metrics.</summary>
    public required string TelemetryPath { get; init; }

    /// <summary>File that sets TLS, users and headers. Null: none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Maximum number of concurrent scrapes. 0: no limit.</summary>
    public required int MaxRequests { get; init; }

    /// <summary>
    /// Maximum number of concurrent connections. Above it, <see cref="ConnectionTable"/> closes connections of the peer that
    /// holds the most.
    /// </summary>
    public int MaxConnections { get; init; } = 256;
}
