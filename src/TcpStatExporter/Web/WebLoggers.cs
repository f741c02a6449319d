using Microsoft.Extensions.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// Limits what the web server logs. Anybody who can reach the port can make it log about connections and requests as often as
/// they like.
/// </summary>
/// <param name="inner">Creates the loggers that write.</param>
/// <param name="time">The clock.</param>
internal sealed partial class WebLoggers(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    /// <summary>Maximum number of lines per <see cref="Period"/>, for all loggers together.</summary>
    public const int MaxLines = 10;

    /// <summary>After this time, the same number of lines may be written again.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ILogger _own = inner.CreateLogger(typeof(WebLoggers).FullName!);
    private readonly Lock _lock = new();
    private long _since = time.GetTimestamp();
    private int _lines;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Limited(this, inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
        // whoever created the inner loggers disposes them
    }

    /// <summary>Returns true if one more line may be written. Logs the first suppressed line of a period.</summary>
    private bool TryTake()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_since) >= Period)
            {
                (_since, _lines) = (time.GetTimestamp(), 0);
            }

            _lines = Math.Min(_lines + 1, MaxLines + 2);
            if (_lines == MaxLines + 1)
            {
                LogLeftOut(_own, MaxLines);
            }

            return _lines <= MaxLines;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The web server logged {Lines} lines within a minute. Dropping further lines for the rest of this minute.")]
    private static partial void LogLeftOut(ILogger logger, int lines);

    private sealed class Limited(WebLoggers limit, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (inner.IsEnabled(logLevel) && limit.TryTake())
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
