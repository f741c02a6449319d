using System.Text;
using Serilog.Extensions.Logging;
using TcpStatExporter.Advisor;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Logging;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.Commands;

/// <summary>Watches the host for a moment and tells what is wrong with its TCP.</summary>
internal static class DoctorCommand
{
    /// <summary>Exit code where nothing was found but not everything could be judged, and where a file could not be written.</summary>
    public const int CouldNotJudge = 3;

    private const int Warnings = 1;
    private const int Critical = 2;

    /// <summary>Watches, reports, and writes the file that was asked for.</summary>
    /// <param name="options">What the command line asked for.</param>
    /// <param name="doctor">What it asked of the doctor.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(ExporterOptions options, DoctorOptions doctor)
    {
        if (doctor.SysctlFile is { } file && NewFile.Exists(file))
        {
            return await RefuseAsync(file, "there is a file already, and it is left as it is");
        }

        var advice = await WatchAsync(options, doctor.For);
        var exitCode = ExitCode(advice);
        await using (var stdout = Console.OpenStandardOutput())
        {
            await stdout.WriteAsync(doctor.Format == ReportFormat.Json ? JsonReport.Write(advice, exitCode) : Encoding.UTF8.GetBytes(Text(advice)));
        }

        if (doctor.SysctlFile is { } path && !NewFile.TryWrite(path, Encoding.UTF8.GetBytes(SysctlFile.Write(advice)), out var reason))
        {
            return await RefuseAsync(path, reason);
        }

        return exitCode;
    }

    /// <summary>What scripts go by.</summary>
    /// <param name="advice">What the rules said.</param>
    public static int ExitCode(Advice advice) => advice.Worst switch
    {
        Severity.Critical => Critical,
        Severity.Warning => Warnings,
        _ => advice.IsPartial ? CouldNotJudge : 0,
    };

    private static async Task<Advice> WatchAsync(ExporterOptions options, TimeSpan time)
    {
        options = BriefWatch.Adapt(options);
        using var log = LogSetup.Create(options.LogLevel, options.LogFormat);
        using var loggers = new SerilogLoggerFactory(log);
        using var sampling = SamplingSetup.Create(
            options with { PeakWindow = options.PeakWindow > time ? options.PeakWindow : time }, TimeProvider.System, loggers);
        await BriefWatch.RunAsync(sampling, time);
        return sampling.Examiner.Examine();
    }

    private static string Text(Advice advice)
    {
        var isTerminal = !Console.IsOutputRedirected;
        var isColoured = isTerminal
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        return new TextReport(isTerminal ? Console.WindowWidth : TextReport.WidestLine, isColoured).Write(advice);
    }

    private static async Task<int> RefuseAsync(string path, string reason)
    {
        await Console.Error.WriteLineAsync($"tcpstat-exporter: --write-sysctl: {path}: {reason.ReplaceLineEndings(" ")}.");
        return CouldNotJudge;
    }
}
