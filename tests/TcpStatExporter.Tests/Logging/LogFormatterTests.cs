using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Shouldly;
using TcpStatExporter.Logging;
using Xunit;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace TcpStatExporter.Tests.Logging;

public sealed partial class LogFormatterTests
{
    private const string Nasty = "a \"b\" \\ = \n\r\n\u2028 \u001b[31m é€😀";

    private static readonly DateTimeOffset Time = new(2026, 5, 6, 9, 8, 9, 10, TimeSpan.FromHours(2));

    [Theory]
    [InlineData(nameof(LogFormat.Text), false, "2026-05-06T07:08:09.010Z warn  Source snmp cannot be read: 5 times.\n")]
    [InlineData(nameof(LogFormat.Text), true, "<4>Source snmp cannot be read: 5 times.\n")]
    [InlineData(nameof(LogFormat.Logfmt), false, "ts=2026-05-06T07:08:09.010Z level=warn msg=\"Source snmp cannot be read: 5 times.\" source_name=snmp times=5\n")]
    [InlineData(nameof(LogFormat.Logfmt), true, "<4>ts=2026-05-06T07:08:09.010Z level=warn msg=\"Source snmp cannot be read: 5 times.\" source_name=snmp times=5\n")]
    [InlineData(nameof(LogFormat.Json), false, "{\"@t\":\"2026-05-06T07:08:09.0100000Z\",\"@m\":\"Source \\\"snmp\\\" cannot be read: 5 times.\",\"@i\":\"35ef96d3\",\"@l\":\"Warning\",\"SourceName\":\"snmp\",\"Times\":5}\n")]
    [InlineData(nameof(LogFormat.Json), true, "<4>{\"@t\":\"2026-05-06T07:08:09.0100000Z\",\"@m\":\"Source \\\"snmp\\\" cannot be read: 5 times.\",\"@i\":\"35ef96d3\",\"@l\":\"Warning\",\"SourceName\":\"snmp\",\"Times\":5}\n")]
    public void Has_three_formats(string form, bool journal, string line) =>
        Format(form, journal, log => log.Warning("Source {SourceName} cannot be read: {Times} times.", "snmp", 5)).ShouldBe(line);

    [Theory]
    [InlineData(LogEventLevel.Fatal, "<2>", "error")]
    [InlineData(LogEventLevel.Error, "<3>", "error")]
    [InlineData(LogEventLevel.Warning, "<4>", "warn")]
    [InlineData(LogEventLevel.Information, "<6>", "info")]
    [InlineData(LogEventLevel.Debug, "<7>", "debug")]
    public void Names_the_level_and_the_priority(LogEventLevel level, string priority, string word)
    {
        var line = Format(nameof(LogFormat.Logfmt), journal: true, log => log.Write(level, "x"));
        line.ShouldStartWith(priority);
        line.ShouldContain($" level={word} ");
    }

    /// <summary>For any message, value or exception.</summary>
    [Theory]
    [InlineData(nameof(LogFormat.Text))]
    [InlineData(nameof(LogFormat.Json))]
    [InlineData(nameof(LogFormat.Logfmt))]
    public void One_event_is_one_line_of_the_journal(string form)
    {
        var line = Format(form, journal: true, log => log.Error(Thrown(), "Value {Value}\nand more", Nasty));
        line[..^1].ShouldNotContain("\n");
        line.ShouldNotContain("\r");
        line.ShouldNotContain("\u001b", Case.Sensitive, "a terminal would obey it");
        line.ShouldEndWith("\n");
        line.ShouldContain("InvalidOperationException");
        line.ShouldContain("first");
        line.ShouldContain("second");
        line.ShouldContain("é€");
    }

    [Theory]
    [InlineData(nameof(LogFormat.Json))]
    [InlineData(nameof(LogFormat.Logfmt))]
    public void Structured_forms_are_one_line_outside_the_journal_too(string form) =>
        Format(form, journal: false, log => log.Error(Thrown(), "Value {Value}", Nasty))[..^1].ShouldNotContain("\n");

    [Fact]
    public void Json_round_trips()
    {
        using var line = JsonDocument.Parse(Format(nameof(LogFormat.Json), journal: false, log => log.Error(Thrown(), "Value {Value}", Nasty)));
        line.RootElement.GetProperty("Value").GetString().ShouldBe(Nasty);
        line.RootElement.GetProperty("@m").GetString()!.ShouldStartWith("Value ");
        line.RootElement.GetProperty("@x").GetString()!.ShouldContain("first\nsecond");
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a=b", "\"a=b\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("a\\b", "\"a\\\\b\"")]
    [InlineData("a\nb", "\"a\\nb\"")]
    [InlineData("é", "é")]
    public void Logfmt_quotes_where_it_must(string value, string written) =>
        Format(nameof(LogFormat.Logfmt), journal: false, log => log.Information("x {V}", value)).ShouldEndWith($" v={written}\n");

    [Theory]
    [InlineData(nameof(LogFormat.Text))]
    [InlineData(nameof(LogFormat.Json))]
    [InlineData(nameof(LogFormat.Logfmt))]
    public void An_unpaired_surrogate_loses_no_event(string form) =>
        Format(form, journal: false, log => log.Information("path {Path}", "x\ud800y")).ShouldContain("path");

    [Fact]
    public void An_exception_outside_the_journal_is_indented_below_its_line()
    {
        var lines = Format(nameof(LogFormat.Text), journal: false, log => log.Error(Thrown(), "It failed")).TrimEnd('\n').Split('\n');
        lines[0].ShouldEndWith("It failed: System.InvalidOperationException: first");
        lines[1..].ShouldAllBe(line => line.StartsWith("  ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(LogFormat.Text), "^<4>Source snmp failed 3 times\\.\n$")]
    [InlineData(nameof(LogFormat.Logfmt), "^<4>ts=\\S+ level=warn msg=\"Source snmp failed 3 times\\.\" source=snmp failures=3\n$")]
    [InlineData(nameof(LogFormat.Json), "^<4>\\{\"@t\":\"[^\"]+\",\"@m\":\"Source \\\\\"snmp\\\\\" failed 3 times\\.\",\"@i\":\"[0-9a-f]{8}\",\"@l\":\"Warning\",\"Source\":\"snmp\",\"Failures\":3,[^\n]*\\}\n$")]
    public void Accepts_generated_messages_of_the_framework(string form, string pattern)
    {
        var written = new Collector(new LogFormatter(Enum.Parse<LogFormat>(form), journal: true));
        using var serilog = new LoggerConfiguration().WriteTo.Sink(written).CreateLogger();
        using var loggers = new SerilogLoggerFactory(serilog);
        LogFailed(loggers.CreateLogger("TcpStatExporter.Sampling.Sampler"), "snmp", 3);
        Regex.IsMatch(written.Text, pattern, RegexOptions.None, TimeSpan.FromMinutes(1)).ShouldBeTrue(written.Text);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Source {Source} failed {Failures} times.")]
    private static partial void LogFailed(ILogger logger, string source, long failures);

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("first\nsecond");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private static string Format(string form, bool journal, Action<Serilog.ILogger> write)
    {
        var written = new Collector(new LogFormatter(Enum.Parse<LogFormat>(form), journal));
        using var log = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(written).CreateLogger();
        write(log);
        return written.Text;
    }

    /// <summary>Formats events with a fixed time. The test sees exceptions of the formatter.</summary>
    private sealed class Collector(LogFormatter formatter) : ILogEventSink
    {
        private LogEvent? _event;

        public string Text
        {
            get
            {
                using var writer = new StringWriter();
                formatter.Format(_event.ShouldNotBeNull(), writer);
                return writer.ToString();
            }
        }

        public void Emit(LogEvent logEvent) => _event = new LogEvent(
            Time, logEvent.Level, logEvent.Exception, logEvent.MessageTemplate, logEvent.Properties.Select(property => new LogEventProperty(property.Key, property.Value)));
    }
}
