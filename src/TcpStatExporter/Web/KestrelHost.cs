using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// Kestrel alone. What the framework's own host brings besides (configuration, routing, middleware, file watchers) this
/// daemon does not use, and would keep resident: 5 MB of the ReadyToRun program, 3 MB of the native one.
/// </summary>
internal sealed class KestrelHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IServer _server;

    /// <summary>Makes the server; it listens from <see cref="StartAsync"/> on.</summary>
    /// <param name="loggers">Makes its loggers.</param>
    /// <param name="configure">Sets it up.</param>
    public KestrelHost(ILoggerFactory loggers, Action<IWebHostBuilder> configure)
    {
        var builder = new Builder();
        builder.Services.AddOptions();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<ILoggerFactory>(new WebLoggers(loggers, TimeProvider.System));
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<DiagnosticSource>(_ => new DiagnosticListener("Microsoft.AspNetCore"));
        configure(builder.UseKestrelCore());
        _services = builder.Services.BuildServiceProvider();
        _server = _services.GetRequiredService<IServer>();
    }

    /// <summary>Where it listens, once it does.</summary>
    public ICollection<string> Urls => _server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;

    /// <summary>Listens and serves.</summary>
    /// <param name="handler">Answers each request.</param>
    /// <exception cref="IOException">An address cannot be listened on (or a <see cref="System.Net.Sockets.SocketException"/>).</exception>
    public Task StartAsync(RequestDelegate handler) => _server.StartAsync(new Application(handler), CancellationToken.None);

    /// <summary>Listens no more, and lets requests end that are under way.</summary>
    /// <param name="limit">How long they may take; then they are cut off.</param>
    public async Task StopAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        await _server.StopAsync(patience.Token);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Application(RequestDelegate handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }

    /// <summary>Takes the services that Kestrel's own set-up adds, which is all that it asks of a host.</summary>
    private sealed class Builder : IWebHostBuilder
    {
        public ServiceCollection Services { get; } = [];

        public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
        {
            configureServices(Services);
            return this;
        }

        public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices) =>
            throw new NotSupportedException();

        public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) =>
            throw new NotSupportedException();

        public IWebHostBuilder UseSetting(string key, string? value) => throw new NotSupportedException();

        public string? GetSetting(string key) => null;

        [Obsolete("Of the interface, which is obsolete here; never called.")]
        public IWebHost Build() => throw new NotSupportedException();
    }
}
