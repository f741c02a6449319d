using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Extensions.Logging;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Systemd;
using TcpStatExporter.Web;
using GenericHost = Microsoft.Extensions.Hosting.Host;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace TcpStatExporter.Commands;

/// <summary>The daemon: samples every second and serves the samples until it is stopped.</summary>
internal static partial class ServeCommand
{
    /// <summary>Time for running scrapes to finish. systemd should see the daemon end within two seconds.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <returns>Exit code.</returns>
    /// <exception cref="BindException">It cannot listen on an address.</exception>
    /// <exception cref="WebConfigException">The web configuration cannot be used.</exception>
    /// <exception cref="Sampling.SourceRefusedException">A source that the user requires is not available.</exception>
    public static async Task<int> RunAsync(ExporterOptions options)
    {
        var sockets = options.UseSystemdSocket ? ListenSockets.Descriptors(Environment.GetEnvironmentVariable) : [];
        if (options.UseSystemdSocket && sockets.Count == 0)
        {
            await FailureLine.WriteAsync("--web.systemd-socket: systemd handed over no socket (LISTEN_FDS). Is tcpstat-exporter.socket started?");
            return Failure.CannotStart;
        }

        NativeHeap.GiveBackLargeBlocks();
        var files = FileBudget.OfThisProcess();
        var connections = files?.Connections(options.Web.MaxConnections) ?? options.Web.MaxConnections;
        options = options with { Netns = options.Netns with { OpenFiles = files?.Namespaces(connections) ?? options.Netns.OpenFiles } };
        using var log = LogSetup.Create(options.LogLevel, options.LogFormat, out var lines);
        using var loggers = new SerilogLoggerFactory(log);
        var logger = loggers.CreateLogger(nameof(TcpStatExporter));
        LogStarting(logger, BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime);
        if (connections < options.Web.MaxConnections)
        {
            LogFewFiles(logger, files!.Value.Limit, connections, options.Web.MaxConnections);
        }

        using var host = Build(options with { Web = options.Web with { Sockets = sockets, MaxConnections = connections } }, log, lines);
        try
        {
            await host.StartAsync();
        }
        catch (OperationCanceledException) when (IsStopping(host))
        {
            // stopped before everything had started
        }

        await host.WaitForShutdownAsync();
        LogStopped(logger);
        return 0;
    }

    /// <summary>
    /// Builds the parts of the daemon. Uses the empty builder: the others read files in the working directory and environment
    /// variables that would make the web server listen elsewhere.
    /// </summary>
    private static IHost Build(ExporterOptions options, Logger log, LogQueue lines)
    {
        var builder = GenericHost.CreateEmptyApplicationBuilder(settings: null);
        builder.Services
            .Configure<HostOptions>(host =>
            {
                host.ShutdownTimeout = ShutdownTimeout;
                host.ServicesStopConcurrently = true;
            })
            .AddSingleton(TimeProvider.System)
            .AddSingleton(options)
            .AddSingleton(options.Web)
            .AddSerilog(log)
            .AddSingleton(lines)
            .AddWebConfiguration(options.Web)
            .AddSampling(options)
            .AddSystemd(options.SampleInterval)
            .AddHostedService<PageRelease>()
            .AddWebServer();
        return builder.Build();
    }

    private static bool IsStopping(IHost host) =>
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    [LoggerMessage(Level = LogLevel.Information, Message = "Starting tcpstat-exporter {Version} (revision {Revision}, runtime {Runtime}).")]
    private static partial void LogStarting(ILogger logger, string version, string revision, string runtime);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The limit of open files is {Limit} (LimitNOFILE= in the unit, ulimit -n). The web server accepts {Connections} connections at a time instead of {Wanted}.")]
    private static partial void LogFewFiles(ILogger logger, ulong limit, int connections, int wanted);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped.")]
    private static partial void LogStopped(ILogger logger);
}
