using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Logging;
using TcpStatExporter.Metrics;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Systemd;
using TcpStatExporter.View;
using TcpStatExporter.Web;
using TcpStatExporter.Web.Page;

namespace TcpStatExporter.Commands;

/// <summary>
/// Registers the parts of the daemon as services, layer by layer. They start in this order and stop all at once.
/// </summary>
internal static partial class DaemonServices
{
    /// <summary>Registers what the web configuration asks for, if there is one.</summary>
    public static IServiceCollection AddWebConfiguration(this IServiceCollection services, WebOptions options) => options.ConfigFile is null ? services : services
        .AddSingleton(all => new WebConfigSource(options.ConfigFile, all.GetRequiredService<TimeProvider>(), all.GetRequiredService<ILogger<WebConfigSource>>()))
        .AddSingleton<WebSecurity>()
        .AddSingleton(_ => new PasswordChecker(PasswordHash.Verify))
        .AddHostedService(all =>
        {
            // before everything else, to report errors in the file first
            _ = all.GetRequiredService<WebConfigSource>();
            return all.GetRequiredService<PasswordChecker>();
        });

    /// <summary>The sampler, the sweeper and the advisor. A dump that is under way ends with its next socket when the daemon stops.</summary>
    public static IServiceCollection AddSampling(this IServiceCollection services, ExporterOptions options)
    {
        services
            .AddSingleton(new CpuBudget(options.SampleCpuBudget, options.SweepCpuBudget))
            .AddSingleton(all => SamplingSetup.Create(
                options,
                all.GetRequiredService<TimeProvider>(),
                all.GetRequiredService<ILoggerFactory>(),
                freshness: Freshness.Of(options.SampleInterval),
                budget: all.GetRequiredService<CpuBudget>(),
                stopping: all.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping))
            .AddSingleton(all => all.GetRequiredService<SamplingSetup>().Store)
            .AddSingleton(all => all.GetRequiredService<SamplingSetup>().Advice)
            .AddSingleton(all => all.GetRequiredService<SamplingSetup>().Namespaces)
            .AddSingleton(all => new AdvisorService(
                all.GetRequiredService<SamplingSetup>().Advices, all.GetRequiredService<TimeProvider>(), all.GetRequiredService<SamplingSetup>().NetnsAdvices))
            .AddHostedService(all => all.GetRequiredService<AdvisorService>())
            .AddHostedService<SamplerService>()
            .AddHostedService<SweepService>();
        return options.Netns.Mode == NetnsMode.Off ? services : services.AddHostedService(all => new NetnsService(all.GetRequiredService<SamplingSetup>().Netns!, all.GetRequiredService<ILogger<NetnsService>>()));
    }

    /// <summary>
    /// Registers the signals, and the notifications if systemd expects them. AddSystemd() of the package is not used: it
    /// looks for a parent process called systemd, which ProtectProc=invisible hides, and then does nothing.
    /// </summary>
    public static IServiceCollection AddSystemd(this IServiceCollection services, TimeSpan sampleInterval)
    {
        services.AddHostedService(all => new Signals(all.GetRequiredService<IHostApplicationLifetime>(), () => Reload(all)));
        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET")) ? services : services
            .AddSingleton<IHostLifetime, SystemdLifetime>()
            .AddSingleton<ISystemdNotifier>(all => all.GetRequiredService<SystemdService>())
            .AddSingleton(all =>
            {
                var store = all.GetRequiredService<SampleStore>();
                var systemd = new SystemdService(
                    new SystemdNotifier(), store, all.GetRequiredService<TimeProvider>(), new StatusLine(store, all.GetRequiredService<AdviceStore>()).Write, Environment.GetEnvironmentVariable, sampleInterval);
                all.GetRequiredService<AdvisorService>().VerdictChanged += (_, _) => systemd.TellVerdict();
                return systemd;
            })
            .AddHostedService(all => all.GetRequiredService<SystemdService>());
    }

    /// <summary>Registers the metrics, the page and the server, which starts last.</summary>
    public static IServiceCollection AddWebServer(this IServiceCollection services) => services
        .AddSingleton<ProcessStatistics>()
        .AddSingleton(all => new ViewReader(
            all.GetRequiredService<SampleStore>(), all.GetRequiredService<AdviceStore>(), Environment.MachineName, all.GetRequiredService<SamplingSetup>().NetnsViews is { } views ? views.Read : null))
        .AddSingleton(all => new PageHandler(
            all.GetRequiredService<ViewReader>(), new HostPage(all.GetRequiredService<WebOptions>().TelemetryPath), all.GetRequiredService<TimeProvider>(), all.GetRequiredService<SamplingSetup>().NetnsViews))
        .AddSingleton(all => new MetricsHandler(
            new MetricsPage(
                all.GetRequiredService<SamplingSetup>().Published,
                all.GetRequiredService<ProcessStatistics>(),
                all.GetRequiredService<ExporterOptions>().AllCounters,
                () => all.GetRequiredService<LogQueue>().Dropped,
                others: all.GetRequiredService<SamplingSetup>().Others),
            all.GetRequiredService<WebOptions>().MaxRequests))
        .AddSingleton(all => new RequestHandler(
            all.GetRequiredService<MetricsHandler>(), all.GetRequiredService<PageHandler>(), all.GetRequiredService<WebOptions>().TelemetryPath, all.GetRequiredService<SampleStore>()))
        .AddHostedService(all => new WebServer(
            all.GetRequiredService<WebOptions>(), all.GetRequiredService<RequestHandler>().HandleAsync, all.GetRequiredService<ILoggerFactory>(), all.GetService<WebSecurity>()));

    private static void Reload(IServiceProvider services)
    {
        if (services.GetService<SystemdService>() is { } systemd)
        {
            systemd.Reload(() => ReloadWebConfiguration(services));
        }
        else
        {
            ReloadWebConfiguration(services);
        }
    }

    private static void ReloadWebConfiguration(IServiceProvider services)
    {
        // a broken file has already been reported once
        if (services.GetService<WebConfigSource>()?.Refresh() != false)
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(TcpStatExporter));
            LogReloaded(logger);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reloaded the web configuration, if there is one. Changed flags need a restart.")]
    private static partial void LogReloaded(ILogger logger);
}
