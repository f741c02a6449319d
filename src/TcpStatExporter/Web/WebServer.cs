using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using TcpStatExporter.Commands;
using TcpStatExporter.Host;

namespace TcpStatExporter.Web;

/// <summary>Kestrel, set up for a service that strangers can reach: small requests, few connections, short patience.</summary>
internal static class WebServer
{
    private const int MaxRequestLine = 4 * 1024;
    private const int MaxHeaders = 16 * 1024;
    private const int MaxHeaderCount = 64;

    /// <summary>Bytes that are read ahead of what was looked at, 1 MiB by default; the headers must fit in.</summary>
    private const int MaxRequestBuffer = 32 * 1024;

    /// <summary>Bytes per second: a reader that takes less than 0.5 Mbit/s of a large page keeps a scrape's place, and its memory, too long.</summary>
    private const int MinResponseRate = 64 * 1024;

    /// <summary>Longest time that a client may take over its request's headers.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the usual scrape intervals, so that Prometheus keeps its connection.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(130);

    /// <summary>Sets the server up.</summary>
    /// <param name="builder">Takes the set-up.</param>
    /// <param name="options">Where to listen.</param>
    /// <param name="sockets">Descriptors of sockets that listen already, instead of that; none: as the options say.</param>
    /// <param name="security">What the web configuration asks for; null: there is none.</param>
    public static void AddWebServer(this IWebHostBuilder builder, ExporterOptions options, IReadOnlyList<ulong> sockets, WebSecurity? security = null)
    {
        var connections = new ConnectionTable(options.MaxConnections, TimeProvider.System);
        builder.ConfigureServices(services => services.Configure<SocketTransportOptions>(transport => transport.MaxReadBufferSize = MaxRequestBuffer));
        builder.ConfigureServices(services => services
            .AddSingleton<SocketTransportFactory>()
            .AddSingleton<IConnectionListenerFactory>(all => new BoundedListener.Factory(all.GetRequiredService<SocketTransportFactory>(), connections.Room)));
        builder.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestBufferSize = MaxRequestBuffer;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaders;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaderCount;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: MinResponseRate, gracePeriod: TimeSpan.FromSeconds(5));
            foreach (var socket in sockets)
            {
                kestrel.ListenHandle(socket, listen => Configure(listen, ListenSocket.Address(socket), connections, security));
            }

            foreach (var (address, port) in sockets.Count > 0 ? [] : options.ListenAddresses)
            {
                if (address is null)
                {
                    kestrel.ListenAnyIP(port, listen => Configure(listen, address: null, connections, security));
                }
                else
                {
                    kestrel.Listen(address, port, listen => Configure(listen, address, connections, security));
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
        System.Net.Sockets.SocketException => $"Cannot listen on {string.Join(", ", addresses.Select(OptionValues.Format))}: {failure.Message}.",
        _ => null,
    };

    /// <summary>What stands before the handler of every request.</summary>
    /// <param name="handler">What answers a request.</param>
    /// <param name="security">What the web configuration asks for; null: there is none.</param>
    public static RequestDelegate Guard(RequestDelegate handler, WebSecurity? security = null)
    {
        var answer = LoopbackHosts.Guard(handler, () => security?.IsProtected == true);
        return ConnectionTable.Busy(security?.Guard(answer) ?? answer);
    }

    private static void Configure(ListenOptions listen, IPAddress? address, ConnectionTable connections, WebSecurity? security)
    {
        // before TLS: a handshake costs more than a place
        listen.Use(connections.Admit);
        if (address is not null && IPAddress.IsLoopback(address))
        {
            listen.Use(LoopbackHosts.MarkAll);
        }

        // A scraper has one request at a time, which gains nothing by HTTP/2, and its streams, resets and settings are
        // floods that no limit of the framework keeps cheap
        listen.Protocols = HttpProtocols.Http1;
        if (security?.Tls is { } tls)
        {
            listen.UseHttps(tls);
        }
    }
}
