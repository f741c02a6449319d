using System.Net.Security;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace TcpStatExporter.Web;

/// <summary>
/// Applies <c>--web.config.file</c> to every connection and every request: TLS, headers, the rate limit, users. There are no
/// exceptions, not even for health and readiness.
/// </summary>
/// <param name="source">The current configuration.</param>
/// <param name="passwords">Checks passwords.</param>
/// <param name="time">The clock of the rate limit.</param>
internal sealed class WebSecurity(WebConfigSource source, PasswordChecker passwords, TimeProvider time)
{
    /// <summary>Time limit for a client's TLS handshake.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How connections are encrypted. Null: not encrypted. TLS is switched on or off only by a restart.</summary>
    public TlsHandshakeCallbackOptions? Tls { get; } = source.Current.Tls is null ? null : new TlsHandshakeCallbackOptions
    {
        HandshakeTimeout = HandshakeTimeout,
        OnConnection = handshake =>
        {
            var options = source.Current.Tls!;
            handshake.Connection.Features.Set(options);
            return ValueTask.FromResult(options);
        },
    };

    /// <summary>True if an answer requires trust in the certificate or a password.</summary>
    public bool IsProtected => source.Current is { Tls: not null } or { Users.Count: > 0 };

    /// <summary>Checks a request against the configuration before it is handled.</summary>
    /// <param name="next">Handles the request.</param>
    public RequestDelegate Guard(RequestDelegate next) => context =>
    {
        var config = source.Current;
        foreach (var (name, value) in config.Headers)
        {
            context.Response.Headers[name] = value;
        }

        // close the connection of a client whose certificate is no longer trusted, and show clients our new certificate
        if (context.Features.Get<SslServerAuthenticationOptions>() is { } made && made != config.Tls)
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        if (config.RateLimit?.TryTake(time.GetElapsedTime(0)) == false)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return Task.CompletedTask;
        }

        return config.Users.Count == 0 ? next(context) : LogIn(config, context, next);
    };

    private async Task LogIn(WebConfig config, HttpContext context, RequestDelegate next)
    {
        var verdict = BasicCredentials.TryParse(context.Request.Headers.Authorization, out var credentials)
            ? await passwords.CheckAsync(credentials, config.Users, Peer.Of(context.Connection.RemoteIpAddress))
            : PasswordVerdict.Wrong;
        switch (verdict)
        {
            case PasswordVerdict.Right:
                await next(context);
                break;
            case PasswordVerdict.Busy:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.Headers.RetryAfter = "1";
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"tcpstat-exporter\", charset=\"UTF-8\"";
                break;
        }
    }
}
