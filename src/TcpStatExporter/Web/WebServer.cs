using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TcpStatExporter.Commands;

namespace TcpStatExporter.Web;

/// <summary>Kestrel, set up for a service that strangers can reach: small requests, few connections, short patience.</summary>
internal static class WebServer
{
    private const int MaxConnections = 512;
    private const int MaxRequestLine = 4 * 1024;
    private const int MaxHeaders = 16 * 1024;
    private const int MaxHeaderCount = 64;

    /// <summary>Longest time that a client may take over its request's headers.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the usual scrape intervals, so that Prometheus keeps its connection.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(130);

    /// <summary>Adds the server to the application.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="options">Where to listen.</param>
    public static void AddWebServer(this WebApplicationBuilder builder, ExporterOptions options)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaders;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaderCount;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
            foreach (var (address, port) in options.ListenAddresses)
            {
                if (address is null)
                {
                    kestrel.ListenAnyIP(port, Configure);
                }
                else
                {
                    kestrel.Listen(address, port, Configure);
                }
            }
        });
    }

    /// <summary>What to tell a person of an address that could not be listened on; null where it was something else.</summary>
    /// <param name="failure">What the start threw.</param>
    /// <param name="addresses">Where it was to listen: of most failures Kestrel does not say which address it was.</param>
    public static string? ExplainBindFailure(Exception failure, params IReadOnlyList<(IPAddress? Address, int Port)> addresses) => failure switch
    {
        IOException { InnerException: AddressInUseException } => failure.Message.TrimEnd('.') + ". Is another exporter running?",
        IOException { InnerException: not null } => failure.Message,
        System.Net.Sockets.SocketException => $"Cannot listen on {string.Join(", ", addresses.Select(Text))}: {failure.Message}.",
        _ => null,
    };

    private static string Text((IPAddress? Address, int Port) listen) =>
        listen.Address is null ? $":{listen.Port}" : new IPEndPoint(listen.Address, listen.Port).ToString();

    private static void Configure(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;
}
