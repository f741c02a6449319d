using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;

namespace TcpStatExporter.Logging;

/// <summary>Sets up the log: Serilog behind Microsoft.Extensions.Logging, one line per event, to stderr.</summary>
internal static class LogSetup
{
    /// <summary>Creates the log. Disposing it writes the last lines.</summary>
    /// <param name="level">Minimum level.</param>
    /// <param name="format">Format of the lines.</param>
    public static Logger Create(LogEventLevel level, LogFormat format) => Create(level, format, out _);

    /// <inheritdoc cref="Create(LogEventLevel, LogFormat)"/>
    /// <param name="level">Minimum level.</param>
    /// <param name="format">Format of the lines.</param>
    /// <param name="queue">The queue that the lines go through.</param>
    public static Logger Create(LogEventLevel level, LogFormat format, out LogQueue queue)
    {
        var formatter = new LogFormatter(format, Journal.IsStderr());
        queue = new LogQueue(LoggerSinkConfiguration.CreateSink(to => to.Console(formatter, standardErrorFromLevel: LevelAlias.Minimum)));
        return new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)

            // the host also throws what it logs here; a failed start should be one line without a stack trace
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LevelAlias.Off)
            .WriteTo.Sink(queue)
            .CreateLogger();
    }
}
