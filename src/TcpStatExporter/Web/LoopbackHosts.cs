using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace TcpStatExporter.Web;

/// <summary>
/// Looks at the Host header of what comes in by a listener on loopback, which is there for this host alone. A page from
/// elsewhere, open in a browser on this host, can have its own name resolve to 127.0.0.1 and then read answers as its
/// own (DNS rebinding); the header still says that name. An IP address is no name that anybody could point here, and
/// neither are localhost and the name of this host.
/// </summary>
internal sealed class LoopbackHosts
{
    private const string Localhost = "localhost";

    /// <summary>Marks a connection; a feature of it.</summary>
    private static readonly LoopbackHosts Mark = new();

    /// <summary>Names of loopback in the hosts file of distributions.</summary>
    private static readonly string[] Usual = [Localhost, "localhost.localdomain", "ip6-localhost", "ip6-loopback"];

    /// <summary>Marks the connections of a listener on loopback.</summary>
    /// <param name="next">What serves the connection.</param>
    public static ConnectionDelegate MarkAll(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(Mark);
        return next(connection);
    };

    /// <summary>Refuses requests of marked connections that are for another host, with 421.</summary>
    /// <param name="next">What answers the others.</param>
    /// <param name="isProtected">Whether a certificate or a password stands between such a page and the answer: then any name will do.</param>
    public static RequestDelegate Guard(RequestDelegate next, Func<bool> isProtected) => context =>
    {
        if (context.Features.Get<LoopbackHosts>() is null || IsOwn(context.Request.Host.Host, Environment.MachineName) || isProtected())
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return PlainAnswer.WriteAsync(context, "421 Misdirected Request: on loopback, this serves IP addresses, localhost and the name of this host.\n"u8.ToArray());
    };

    /// <summary>Whether a name is one of this host's own, or no name at all.</summary>
    /// <param name="host">Host of the header, without its port.</param>
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
