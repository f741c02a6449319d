using System.Collections.Frozen;
using System.Net.Security;

namespace TcpStatExporter.Web;

/// <summary>What a web configuration file says, ready for use.</summary>
internal sealed record WebConfig
{
    /// <summary>The options of every handshake; null: no TLS.</summary>
    public required SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>Headers of every answer.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>bcrypt hashes by user; empty: everybody may come in.</summary>
    public required FrozenDictionary<string, string> Users { get; init; }

    /// <summary>How many requests are let in; null: as many as come.</summary>
    public required TokenBucket? RateLimit { get; init; }

    /// <summary>What it says that does not do what it seems to.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
