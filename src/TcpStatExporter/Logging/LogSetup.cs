using Serilog;
using Serilog.Core;
using Serilog.Events;
using TcpStatExporter.Host;

namespace TcpStatExporter.Logging;

/// <summary>The log: Serilog behind Microsoft.Extensions.Logging, one line an event, to stderr.</summary>
internal static class LogSetup
{
    /// <summary>Makes the log. Disposing it writes its last lines.</summary>
    /// <param name="level">Least level that is written.</param>
    /// <param name="format">Form of the lines.</param>
    public static Logger Create(LogEventLevel level, LogFormat format) => Create(level, format, out _);

    /// <inheritdoc cref="Create(LogEventLevel, LogFormat)"/>
    /// <param name="level">Least level that is written.</param>
    /// <param name="format">Form of the lines.</param>
    /// <param name="queue">What the lines go through.</param>
    public static Logger Create(LogEventLevel level, LogFormat format, out LogQueue queue)
    {
        queue = new LogQueue(new LogFormatter(format, Journal.IsStderr()), new StandardStream(StandardStream.Error));
        return new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", level > LogEventLevel.Warning ? level : LogEventLevel.Warning)
            .WriteTo.Sink(queue)
            .CreateLogger();
    }
}
