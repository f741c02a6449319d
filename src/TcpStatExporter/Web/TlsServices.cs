using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// The services that Kestrel's TLS requires from its options. One of them is an internal class, registered only by ASP.NET's
/// own web host. That host would use 1.4 MB more resident memory, and would write client input into log scopes.
/// </summary>
internal static class TlsServices
{
    private const string Metrics = "Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Infrastructure.KestrelMetrics, Microsoft.AspNetCore.Server.Kestrel.Core";

    /// <summary>Adds them to the server's options.</summary>
    /// <param name="kestrel">The options.</param>
    /// <param name="loggers">Creates the web server's loggers.</param>
    /// <returns>The services. Dispose them with the server.</returns>
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
