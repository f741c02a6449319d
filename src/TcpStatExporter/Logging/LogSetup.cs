using Serilog;
using Serilog.Core;
using Serilog.Events;
using TcpStatExporter.Systemd;

namespace TcpStatExporter.Logging;

/// <summary>The log: Serilog behind Microsoft.Extensions.Logging, one line an event, to stderr.</summary>
internal static class LogSetup
{
    /// <summary>Makes the log.</summary>
    /// <param name="level">Least level that is written.</param>
    /// <param name="format">Form of the lines.</param>
    public static Logger Create(LogEventLevel level, LogFormat format) =>
        new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)
            .WriteTo.Console(new LogFormatter(format, Journal.IsStderr()), standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger();
}
