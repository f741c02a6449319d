using System.Text;
using Serilog.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Host;
using TcpStatExporter.Logging;
using TcpStatExporter.Namespaces;

namespace TcpStatExporter.Commands;

/// <summary>Watches the host for a moment and reports what is wrong with its TCP.</summary>
internal static class DoctorCommand
{
    /// <summary>Exit code if nothing was found but not everything could be checked.</summary>
    public const int CouldNotJudge = 3;

    /// <summary>The runtime's console switches the terminal to application cursor keys and never switches it back.</summary>
    private const string KeysAsTheyWere = "\e[?1l\e>";

    private const int Warnings = 1;
    private const int Critical = 2;

    /// <summary>Watches, reports, and writes the requested file.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="doctor">Options of the doctor command.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(ExporterOptions options, DoctorOptions doctor)
    {
        // checked before the watch and again at its end: after the report, the exit code belongs to the report
        if (doctor.SysctlFile is { } path && !NewFile.CanWrite(path, out var reason))
        {
            return await RefuseAsync(path, reason);
        }

        var (advice, others) = await WatchAsync(options, doctor.For);
        if (others is null)
        {
            await FailureLine.WriteAsync("--netns: no network namespace has this name, or it cannot be seen. 'tcpstat-exporter top --once' lists them.");
            return CommandLine.UsageError;
        }

        if (doctor.SysctlFile is { } file && !NewFile.TryWrite(file, Encoding.UTF8.GetBytes(SysctlFile.Write(advice, doctor.IsAll)), out var trouble))
        {
            return await RefuseAsync(file, trouble);
        }

        var exitCode = ExitCode(advice, others);
        await Console.Out.WriteAsync(
            doctor.Format == ReportFormat.Json ? Encoding.UTF8.GetString(JsonReport.Write(advice, exitCode, doctor.IsAll, others).Span) : Text(advice, doctor.IsAll, others));
        return exitCode;
    }

    /// <summary>Returns the exit code that scripts check.</summary>
    /// <param name="advice">The result of the rules.</param>
    public static int ExitCode(Advice advice) => advice.Worst switch
    {
        Severity.Critical => Critical,
        Severity.Warning => Warnings,
        _ => advice.IsPartial ? CouldNotJudge : 0,
    };

    /// <summary>The same with other network namespaces. That their listeners are not read is no reason to fail.</summary>
    /// <param name="advice">What the rules said of the host's own.</param>
    /// <param name="others">What they found in others.</param>
    public static int ExitCode(Advice advice, IReadOnlyList<NetnsFindings> others)
    {
        var worst = 0;
        foreach (var one in others)
        {
            worst = one.Advice.Worst switch
            {
                Severity.Critical => Critical,
                Severity.Warning => Math.Max(worst, Warnings),
                _ => worst,
            };
        }

        var own = ExitCode(advice);
        return worst == 0 ? own : own == CouldNotJudge ? worst : Math.Max(own, worst);
    }

    private static async Task<(Advice Host, IReadOnlyList<NetnsFindings>? Others)> WatchAsync(ExporterOptions options, TimeSpan time)
    {
        options = TimedRun.Adapt(options);
        using var log = LogSetup.Create(options.LogLevel, options.LogFormat);
        using var loggers = new SerilogLoggerFactory(log);
        using var sampling = SamplingSetup.Create(
            options with { PeakWindow = options.PeakWindow > time ? options.PeakWindow : time }, TimeProvider.System, loggers);
        await TimedRun.RunAsync(sampling, time, loggers.CreateLogger(nameof(TimedRun)));
        new ListenerProcesses(sampling.Store, options.ProcfsRoot).Find();
        var isMissing = options.Netns.Mode == NetnsMode.Listeners && sampling.NetnsAdvices?.All.Count == 0;
        return (sampling.Examiner.Examine(), isMissing ? null : Examine(sampling));
    }

    /// <summary>Those in which something is wrong, the worst first.</summary>
    private static List<NetnsFindings> Examine(SamplingSetup sampling) =>
    [
        .. (sampling.NetnsAdvices?.All ?? [])
            .Where(one => one.Watched.Store.Age(TimeProvider.System) is not null)
            .Select(one => new NetnsFindings(one.Watched.Identity, one.Judge.Examiner.Examine()))
            .Where(one => one.Advice.Worst >= Severity.Warning)
            .OrderByDescending(one => one.Advice.Worst)
            .ThenByDescending(one => one.Advice.Findings[0].Finding.Lost)
            .ThenBy(one => one.Identity.Name, StringComparer.Ordinal),
    ];

    private static string Text(Advice advice, bool isAll, IReadOnlyList<NetnsFindings> others)
    {
        var isTerminal = !Console.IsOutputRedirected;
        var isDumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        var isColoured = isTerminal && !isDumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var width = isTerminal && Terminal.Size() is { Columns: > 0 and var columns } ? columns : TextReport.WidestLine;
        return new TextReport(width, isColoured).Write(advice, isAll, others) + (isTerminal && !isDumb ? KeysAsTheyWere : "");
    }

    private static async Task<int> RefuseAsync(string path, string reason)
    {
        await FailureLine.WriteAsync($"--write-sysctl: {path}: {reason.ReplaceLineEndings(" ")}.");
        return CommandLine.UsageError;
    }
}
