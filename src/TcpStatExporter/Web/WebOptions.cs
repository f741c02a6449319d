namespace TcpStatExporter.Web;

/// <summary>How the web server listens, and how much it takes on.</summary>
internal sealed record WebOptions
{
    /// <summary>Where to listen.</summary>
    public required IReadOnlyList<ListenAddress> ListenAddresses { get; init; }

    /// <summary>Descriptors of sockets that listen already, which are used instead of the addresses.</summary>
    public IReadOnlyList<ulong> Sockets { get; init; } = [];

    /// <summary>Path of the metrics.</summary>
    public required string TelemetryPath { get; init; }

    /// <summary>File that sets TLS, users and headers; null: none of them.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Scrapes served at a time; 0: no limit.</summary>
    public required int MaxRequests { get; init; }

    /// <summary>Connections at a time. Beyond it, <see cref="ConnectionTable"/> gives up those of whoever holds most.</summary>
    public int MaxConnections { get; init; } = 256;
}
