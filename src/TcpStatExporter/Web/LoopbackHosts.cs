using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>
/// Checks the Host header of requests to a listener on loopback, which is meant for this host only. A page from elsewhere,
/// open in a browser on this host, can make its own name resolve to 127.0.0.1 and then read the answers as its own (DNS
/// rebinding). The Host header still contains that name. IP addresses, localhost and the name of this host are safe, because
/// nobody else can point them here.
/// </summary>
internal sealed class LoopbackHosts
{
    private const string Localhost = "localhost";

    /// <summary>Marks a connection. Stored as a feature of it.</summary>
    private static readonly LoopbackHosts Mark = new();

    /// <summary>Loopback names in the hosts files of distributions.</summary>
    private static readonly string[] Usual = [Localhost, "localhost.localdomain", "ip6-localhost", "ip6-loopback"];

    /// <summary>Marks the connections of a listener on loopback.</summary>
    /// <param name="next">Serves the connection.</param>
    public static ConnectionDelegate MarkAll(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(Mark);
        return next(connection);
    };

    /// <summary>Rejects requests on marked connections that are meant for another host, with status 421.</summary>
    /// <param name="next">Handles all other requests.</param>
    /// <param name="isProtected">
    /// True if a certificate or a password protects the answer from such a page. Then any name is accepted.
    /// </param>
    public static RequestDelegate Guard(RequestDelegate next, Func<bool> isProtected) => context =>
    {
        if (context.Features.Get<LoopbackHosts>() is null || IsOwn(context.Request.Host.Host, Environment.MachineName) || isProtected())
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return PlainAnswer.WriteAsync(context, "421 Misdirected Request: on loopback, this serves IP addresses, localhost and the name of this host.\n"u8.ToArray());
    };

    /// <summary>Returns true if a name is one of this host's own, or an IP address.</summary>
    /// <param name="host">Host in the header, without its port.</param>
    /// <param name="machine">Name of this host.</param>
    internal static bool IsOwn(string host, string machine)
    {
        var name = host.EndsWith('.') ? host[..^1] : host;
        return name.Length == 0
            || IPAddress.TryParse(name, out _)
            || Usual.Contains(name, StringComparer.OrdinalIgnoreCase)
            || name.EndsWith("." + Localhost, StringComparison.OrdinalIgnoreCase)
            || name.Equals(machine, StringComparison.OrdinalIgnoreCase);
    }
}
