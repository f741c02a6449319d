using System.Collections.Frozen;
using System.Net.Security;

namespace TcpStatExporter.Web;

/// <summary>A web configuration file, ready for use.</summary>
internal sealed record WebConfig
{
    /// <summary>The options for every handshake. Null: no TLS.</summary>
    public required SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>Headers for every response.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>bcrypt hashes by user. If empty, no password is needed.</summary>
    public required FrozenDictionary<string, string> Users { get; init; }

    /// <summary>Limits the rate of requests. Null: no limit.</summary>
    public required TokenBucket? RateLimit { get; init; }

    /// <summary>A warning for each setting without its usual effect.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
