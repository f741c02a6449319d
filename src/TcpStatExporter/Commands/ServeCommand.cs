using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Metrics;
using TcpStatExporter.Sampling;
using TcpStatExporter.Systemd;
using TcpStatExporter.View;
using TcpStatExporter.Web;
using TcpStatExporter.Web.Page;

namespace TcpStatExporter.Commands;

/// <summary>The daemon: samples each second and serves what it sampled until it is told to stop.</summary>
internal static partial class ServeCommand
{
    /// <summary>Exit code where the daemon could not start.</summary>
    private const int CannotStart = 1;

    /// <summary>Scrapes in flight have this long to end; systemd is to see the end within two seconds.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>By then each part has done its work once, and most of what the start touched is not needed again.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(20);

    /// <summary>Time between two releases of pages: what a minute does not need is not kept.</summary>
    private static readonly TimeSpan ReleasePace = TimeSpan.FromMinutes(1);

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(ExporterOptions options)
    {
        var sockets = options.UseSystemdSocket ? ListenSockets.Descriptors(Environment.GetEnvironmentVariable) : [];
        if (options.UseSystemdSocket && sockets.Count == 0)
        {
            await FailureLine.WriteAsync("--web.systemd-socket: systemd handed over no socket (LISTEN_FDS). Is tcpstat-exporter.socket started?");
            return CannotStart;
        }

        NativeHeap.GiveBackLargeBlocks();
        using var log = LogSetup.Create(options.LogLevel, options.LogFormat, out var lines);
        using var loggers = new SerilogLoggerFactory(log);
        var logger = loggers.CreateLogger("TcpStatExporter");
        LogStarting(logger, BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime);
        if (FileBudget.OfThisProcess() is { } files && files.Connections(options.MaxConnections) is var connections && connections < options.MaxConnections)
        {
            LogFewFiles(logger, files.Limit, connections, options.MaxConnections);
            options = options with { MaxConnections = connections };
        }

        var time = TimeProvider.System;
        using var passwords = new PasswordChecker(PasswordHash.Verify);
        WebConfigSource? webConfig = null;
        if (options.WebConfigFile is { } file)
        {
            try
            {
                webConfig = new WebConfigSource(file, time, logger);
            }
            catch (WebConfigException e)
            {
                lines.Dispose();
                await FailureLine.WriteAsync(e.Message);
                return CommandLine.UsageError;
            }
        }

        var security = webConfig is null ? null : new WebSecurity(webConfig, passwords, time);
        using var stopping = new CancellationTokenSource();
        using var sampling = SamplingSetup.Create(options, time, loggers, freshness: Freshness.Of(options.SampleInterval), stopping: stopping.Token);
        using var systemd = new SystemdNotifier(Environment.GetEnvironmentVariable, time, new StatusLine(sampling.Store, sampling.Advice).Write, options.SampleInterval);
        using var process = new ProcessStatistics();
        var metrics = new MetricsHandler(new MetricsPage(sampling.Store, sampling.Advice, process, options.AllCounters, () => lines.Dropped), options.MaxRequests);
        var view = new ViewReader(sampling.Store, sampling.Advice, Environment.MachineName);
        var page = new PageHandler(view, new HostPage(options.TelemetryPath), time);
        var handler = new RequestHandler(metrics, page, options.TelemetryPath, sampling.Store);

        using var sampler = new SamplerService(sampling.Sampler, systemd, options.SampleInterval, options.ListenersInterval);
        using var sweeper = new SweepService(sampling.Sweeper, sampling.Store, time, options.SweepCpuBudget);
        using var advisor = new AdvisorService(sampling.Examiner, sampling.Store, time, new IncidentLog(loggers.CreateLogger<IncidentLog>()), systemd);
        IHostedService[] services = [advisor, sampler, sweeper];
        IHostedService[] webServices = webConfig is null ? [] : [passwords];
        using var signals = new Signals(reload: () => systemd.Reload(() =>
        {
            // a broken one was told, and once is enough
            if (webConfig?.Refresh() != false)
            {
                LogReloaded(logger);
            }
        }));
        await using var server = new KestrelHost(loggers, web => web.AddWebServer(options, sockets, security));
        await Task.WhenAll(services.Concat(webServices).Select(service => service.StartAsync(CancellationToken.None)));
        try
        {
            await server.StartAsync(WebServer.Guard(handler.HandleAsync, security));
        }
        catch (Exception e) when (WebServer.ExplainBindFailure(e, options.ListenAddresses) is { } explanation)
        {
            lines.Dispose();
            await FailureLine.WriteAsync(explanation);
            return CannotStart;
        }

        foreach (var url in server.Urls)
        {
            LogListening(logger, url, options.TelemetryPath);
        }

        systemd.Serving();
        await using var release = time.CreateTimer(static _ => FilePages.Release(), state: null, SettlingTime, ReleasePace);
        await signals.Stop;
        systemd.Stopping();

        // a dump that is under way ends with its next socket, and a request waits for no password, while the web server
        // sees its requests out
        await stopping.CancelAsync();
        var stopped = services.Concat(webServices).Select(service => service.StopAsync(CancellationToken.None)).ToArray();
        await server.StopAsync(ShutdownTimeout);
        await Task.WhenAll(stopped);
        LogStopped(logger);
        return 0;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Starting tcpstat-exporter {Version} (revision {Revision}, runtime {Runtime}).")]
    private static partial void LogStarting(ILogger logger, string version, string revision, string runtime);

    [LoggerMessage(Level = LogLevel.Warning, Message = "At most {Limit} files may be open (LimitNOFILE= of the unit, ulimit -n): the web server takes {Connections} connections at a time, rather than {Wanted}.")]
    private static partial void LogFewFiles(ILogger logger, ulong limit, int connections, int wanted);

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Url}, metrics at {Path}.")]
    private static partial void LogListening(ILogger logger, string url, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reloaded the web configuration, if there is one; flags are read at the start alone.")]
    private static partial void LogReloaded(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped.")]
    private static partial void LogStopped(ILogger logger);
}
