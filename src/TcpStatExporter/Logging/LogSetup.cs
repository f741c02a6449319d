using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;

namespace TcpStatExporter.Logging;

/// <summary>The log: Serilog behind Microsoft.Extensions.Logging, one line an event, to stderr.</summary>
internal static class LogSetup
{
    /// <summary>Makes the log. Disposing it writes its last lines.</summary>
    /// <param name="level">Minimum level.</param>
    /// <param name="format">Form of the lines.</param>
    public static Logger Create(LogEventLevel level, LogFormat format) => Create(level, format, out _);

    /// <inheritdoc cref="Create(LogEventLevel, LogFormat)"/>
    /// <param name="level">Minimum level.</param>
    /// <param name="format">Form of the lines.</param>
    /// <param name="queue">The queue that the lines go through.</param>
    public static Logger Create(LogEventLevel level, LogFormat format, out LogQueue queue)
    {
        var formatter = new LogFormatter(format, Journal.IsStderr());
        queue = new LogQueue(LoggerSinkConfiguration.CreateSink(to => to.Console(formatter, standardErrorFromLevel: LevelAlias.Minimum)));
        return new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)

            // it throws what it logs: a start that failed is told in one line, without a stack trace beside it
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LevelAlias.Off)
            .WriteTo.Sink(queue)
            .CreateLogger();
    }
}
