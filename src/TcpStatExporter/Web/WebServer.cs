using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TcpStatExporter.Host;

namespace TcpStatExporter.Web;

/// <summary>
/// Kestrel, configured for a service that strangers can reach: small requests, few connections, short timeouts.
/// </summary>
internal sealed partial class WebServer : IHostedService, IDisposable
{
    private const int MaxRequestLine = 4 * 1024;
    private const int MaxHeaders = 16 * 1024;
    private const int MaxHeaderCount = 64;

    /// <summary>Maximum number of buffered request bytes (default: 1 MiB). The headers must fit.</summary>
    private const int MaxRequestBuffer = 32 * 1024;

    /// <summary>
    /// In bytes per second. A client that reads a large page at less than 0.5 Mbit/s blocks a scrape slot and its memory for
    /// too long.
    /// </summary>
    private const int MinResponseRate = 64 * 1024;

    /// <summary>Time limit for a client to send its request headers.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Longer than usual scrape intervals, so Prometheus keeps its connection.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(130);

    private readonly WebOptions _options;
    private readonly ILogger _logger;
    private readonly Application _application;
    private readonly ServiceProvider _services;
    private readonly KestrelServer _server;

    /// <summary>Creates the server. It listens after <see cref="StartAsync"/>.</summary>
    /// <param name="options">Where to listen, and the limits.</param>
    /// <param name="handler">Handles each request.</param>
    /// <param name="loggers">Creates loggers.</param>
    /// <param name="security">The web configuration. Null if there is none.</param>
    public WebServer(WebOptions options, RequestDelegate handler, ILoggerFactory loggers, WebSecurity? security = null)
    {
        _options = options;
        _logger = loggers.CreateLogger<WebServer>();
        var answer = LoopbackHosts.Guard(handler, () => security?.IsProtected == true);
        _application = new Application(ConnectionTable.Busy(security?.Guard(answer) ?? answer));

        var connections = new ConnectionTable(options.MaxConnections, TimeProvider.System);
        var bounded = new WebLoggers(loggers, TimeProvider.System);
        var kestrel = new KestrelServerOptions();
        _services = TlsServices.AddTo(kestrel, bounded);
        Limit(kestrel);
        Listen(kestrel, options, connections, security);
        var sockets = new SocketTransportFactory(Options.Create(new SocketTransportOptions { MaxReadBufferSize = MaxRequestBuffer }), bounded);
        _server = new KestrelServer(Options.Create(kestrel), new BoundedListener.Factory(sockets, connections.Room), bounded);
    }

    /// <summary>The addresses it listens on, after the start.</summary>
    public ICollection<string> Urls => _server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;

    /// <summary>Starts to listen and serve.</summary>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="BindException">It cannot listen on an address.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server.StartAsync(_application, cancellationToken);
        }
        catch (Exception e) when (BindException.Explain(e, _options.ListenAddresses) is { } explanation)
        {
            throw new BindException(explanation, e);
        }

        foreach (var url in Urls)
        {
            LogListening(_logger, url, _options.TelemetryPath);
        }
    }

    /// <summary>Stops listening and waits for running requests.</summary>
    /// <param name="cancellationToken">Aborts the remaining requests.</param>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        _services.Dispose();
    }

    private static void Limit(KestrelServerOptions kestrel)
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
    }

    private static void Listen(KestrelServerOptions kestrel, WebOptions options, ConnectionTable connections, WebSecurity? security)
    {
        foreach (var socket in options.Sockets)
        {
            kestrel.ListenHandle(socket, listen => Configure(listen, ListenSocket.Address(socket), connections, security));
        }

        foreach (var (address, port) in options.Sockets.Count > 0 ? [] : options.ListenAddresses)
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
    }

    private static void Configure(ListenOptions listen, IPAddress? address, ConnectionTable connections, WebSecurity? security)
    {
        // before TLS, because a handshake costs more than a place
        listen.Use(connections.Admit);
        if (address is not null && IPAddress.IsLoopback(address))
        {
            listen.Use(LoopbackHosts.MarkAll);
        }

        // A scraper sends one request at a time, so HTTP/2 gains nothing. Its streams, resets and settings can be used for
        // floods, and no framework limit makes those cheap.
        listen.Protocols = HttpProtocols.Http1;
        if (security?.Tls is { } tls)
        {
            listen.UseHttps(tls);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Url}, metrics at {Path}.")]
    private static partial void LogListening(ILogger logger, string url, string path);

    private sealed class Application(RequestDelegate handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
