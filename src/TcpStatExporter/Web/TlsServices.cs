using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// The services that Kestrel's TLS asks its options for. One of them is internal to it, and is registered only where
/// ASP.NET's own web host is: that one would keep 1.4 MB more resident, and write what a client sends into scopes of the log.
/// </summary>
internal static class TlsServices
{
    private const string Metrics = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Infrastructure.KestrelMetrics, Microsoft.AspNetCore.Server.Kestrel.Core";

    /// <summary>Gives them to the server's options.</summary>
    /// <param name="kestrel">The options.</param>
    /// <param name="loggers">Makes the loggers of the web server.</param>
    /// <returns>The services, which end with the server.</returns>
    public static ServiceProvider AddTo(KestrelServerOptions kestrel, ILoggerFactory loggers)
    {
        var services = new ServiceCollection()
            .AddMetrics()
            .AddSingleton(loggers)
            .AddSingleton(Type.GetType(Metrics, throwOnError: true)!)
            .BuildServiceProvider();
        kestrel.ApplicationServices = services;
        return services;
    }
}
