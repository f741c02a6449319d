using Microsoft.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Tests.Support;
using TcpStatExporter.Web;
using Xunit;

namespace TcpStatExporter.Tests.Web;

public sealed class WebLoggersTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<WebLoggers> _log = new();

    [Fact]
    public void A_flood_gives_a_few_lines_per_minute_and_one_that_says_so()
    {
        using var inner = new OneLogger(_log);
        using var loggers = new WebLoggers(inner, _time);
        ILogger[] own = [loggers.CreateLogger("a"), loggers.CreateLogger("b")];

        Flood(1000);
        _log.Entries.Count.ShouldBe(WebLoggers.MaxLines + 1);
        _log.Entries[^1].Message.ShouldContain("Dropping further lines");

        _time.Advance(WebLoggers.Period - TimeSpan.FromTicks(1));
        Flood(1000);
        _log.Entries.Count.ShouldBe(WebLoggers.MaxLines + 1);

        _time.Advance(TimeSpan.FromTicks(1));
        Flood(3);
        _log.Entries.Count.ShouldBe(WebLoggers.MaxLines + 4);

        void Flood(int lines)
        {
            for (var i = 0; i < lines; i++)
            {
                own[i % 2].Log(LogLevel.Error, default, i, exception: null, static (line, _) => $"line {line}");
            }
        }
    }

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }
}
