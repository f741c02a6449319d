using Microsoft.Extensions.Logging;

namespace TcpStatExporter.Web;

/// <summary>
/// Bounds what the web server logs: what it says of a connection or a request, whoever can reach the port makes it say
/// as often as they like.
/// </summary>
/// <param name="inner">Makes the loggers that write.</param>
/// <param name="time">The clock.</param>
internal sealed partial class WebLoggers(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    /// <summary>Lines in a <see cref="Period"/>, of all loggers together.</summary>
    public const int MaxLines = 10;

    /// <summary>Time after which as many lines may be written again.</summary>
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
        // who made the inner ones ends them
    }

    /// <summary>Whether one more line may be written. Tells once where it is the first of a period that may not.</summary>
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
