using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Serilog.Events;
using Serilog.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Namespaces;
using TcpStatExporter.Sampling;
using TcpStatExporter.Top;
using TcpStatExporter.View;

namespace TcpStatExporter.Commands;

/// <summary>Shows the host's TCP live, or as a single frame.</summary>
internal static class TopCommand
{
    /// <summary>Exit code if no source could be read.</summary>
    private const int NothingRead = 1;

    /// <summary>Width of a frame that does not go to a terminal.</summary>
    private const int PageWidth = 132;

    /// <summary>Runs until it is stopped, or prints one frame.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="top">Options of the top command.</param>
    /// <returns>Exit code.</returns>
    public static Task<int> RunAsync(ExporterOptions options, TopOptions top)
    {
        options = TimedRun.Adapt(options);
        var isOnce = top.IsOnce || top.Format != ReportFormat.Text || !Terminal.IsThere || IsDumb;
        return isOnce ? OnceAsync(options, top) : LiveAsync(options, top);
    }

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";

    private static bool IsColoured => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private static async Task<int> OnceAsync(ExporterOptions options, TopOptions top)
    {
        using var log = LogSetup.Create(options.LogLevel, options.LogFormat);
        using var loggers = new SerilogLoggerFactory(log);
        using var sampling = SamplingSetup.Create(options, TimeProvider.System, loggers);
        await TimedRun.RunAsync(sampling, top.For, loggers.CreateLogger(nameof(TimedRun)));
        new ListenerProcesses(sampling.Store, options.ProcfsRoot).Find();
        sampling.Examiner.Examine();

        sampling.NetnsAdvices?.Take();
        foreach (var one in sampling.NetnsAdvices?.All ?? [])
        {
            one.Judge.Examiner.Examine();
        }

        if (Views(sampling, top.Netns) is not { } views)
        {
            return await RefuseAsync(top.Netns!);
        }

        var view = views.Read();
        if (top.Format == ReportFormat.Json)
        {
            await Console.Out.WriteAsync(Encoding.UTF8.GetString(ViewJson.Write(view, isIndented: true).Span));
        }
        else
        {
            var isTerminal = !Console.IsOutputRedirected && !IsDumb;
            var width = isTerminal && Terminal.Size() is { Columns: > 0 and var columns } ? columns : Columns();
            var screen = new TopScreen(Glyphs.For(Environment.GetEnvironmentVariable));
            await Console.Out.WriteAsync(Encoding.UTF8.GetString(new Painter(isTerminal, IsColoured).Page(screen.Compose(view, new TopState(), width, height: null))));
        }

        return sampling.Store.Age(TimeProvider.System) is null ? NothingRead : 0;
    }

    private static async Task<int> LiveAsync(ExporterOptions options, TopOptions top)
    {
        // log lines would disturb the screen, which shows failures anyway
        using var log = LogSetup.Create(LevelAlias.Off, options.LogFormat);
        using var loggers = new SerilogLoggerFactory(log);
        var time = TimeProvider.System;
        var budget = new CpuBudget(options.SampleCpuBudget, options.SweepCpuBudget);
        using var sampling = SamplingSetup.Create(options, time, loggers, freshness: Freshness.Of(options.SampleInterval), budget: budget);
        sampling.Netns?.RunNow();
        sampling.NetnsAdvices?.Take();
        if (Views(sampling, top.Netns) is not { } views)
        {
            return await RefuseAsync(top.Netns!);
        }

        using var terminal = Terminal.Open()!;
        using var sampler = new SamplerService(sampling.Namespaces);
        using var sweeper = new SweepService(sampling.Namespaces, time, budget);
        using var advisor = new AdvisorService(sampling.Advices, time, sampling.NetnsAdvices);
        using var namespaces = sampling.Netns is { } watch ? new NetnsService(watch, loggers.CreateLogger<NetnsService>()) : null;
        using var session = new TopSession(
            terminal,
            sampling.Store,
            views,
            new ListenerProcesses(sampling.Store, options.ProcfsRoot).Find,
            time,
            new TopScreen(Glyphs.For(Environment.GetEnvironmentVariable)),
            new Painter(isTerminal: true, IsColoured));
        await Task.WhenAll(new ThreadService?[] { advisor, sampler, sweeper, namespaces }.OfType<ThreadService>().Select(service => service.StartAsync(CancellationToken.None)));
        return session.Run();
    }

    /// <summary>Null if there is no such network namespace.</summary>
    private static ViewReader? Views(SamplingSetup sampling, string? netns) => netns is null
        ? new ViewReader(sampling.Store, sampling.Advice, Environment.MachineName, sampling.NetnsViews is { } views ? views.Read : null)
        : sampling.NetnsViews?.ReaderOf(netns);

    private static async Task<int> RefuseAsync(string netns)
    {
        await FailureLine.WriteAsync($"--netns: there is no network namespace '{netns.ReplaceLineEndings(" ")}', or it cannot be seen. 'tcpstat-exporter top --once' lists them.");
        return CommandLine.UsageError;
    }

    /// <summary>The width from the shell's COLUMNS variable, if exported.</summary>
    private static int Columns() =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var columns) && columns > 0
            ? columns
            : PageWidth;
}
