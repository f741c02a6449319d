using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace TcpStatExporter.Logging;

/// <summary>
/// Formats one log event as one line. For the journal, each line begins with its priority (<c>&lt;4&gt;</c>), and text has no
/// time and level, because the journal adds its own. JSON is Serilog's compact format with the message as text (<c>@m</c>).
/// </summary>
/// <param name="format">Format of the line.</param>
/// <param name="journal">The line goes to the journal.</param>
internal sealed class LogFormatter(LogFormat format, bool journal) : ITextFormatter
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly RenderedCompactJsonFormatter Json = new();

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        if (journal)
        {
            output.Write('<');
            output.Write(Priority(logEvent.Level));
            output.Write('>');
        }

        switch (format)
        {
            case LogFormat.Json:
                Json.Format(logEvent, output);
                return;
            case LogFormat.Logfmt:
                WriteLogfmt(logEvent, output);
                break;
            default:
                WriteText(logEvent, output);
                break;
        }

        output.Write('\n');
    }

    /// <summary>Returns the syslog(3) priority of a level.</summary>
    private static char Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => '2',
        LogEventLevel.Error => '3',
        LogEventLevel.Warning => '4',
        LogEventLevel.Information => '6',
        _ => '7',
    };

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal or LogEventLevel.Error => "error",
        LogEventLevel.Warning => "warn",
        LogEventLevel.Information => "info",
        _ => "debug",
    };

    private static string Time(LogEvent logEvent) => logEvent.Timestamp.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Returns the message's values as fields, without EventId and SourceContext, which the framework adds.</summary>
    private static IEnumerable<(string Key, string Value)> Fields(LogEvent logEvent) =>
        logEvent.Properties
            .Where(property => property.Key is not ("EventId" or "SourceContext"))
            .Select(property => (ToSnakeCase(property.Key), property.Value is ScalarValue { Value: var value }
                ? Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""
                : property.Value.ToString()));

    private static string ToSnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static string Message(LogEvent logEvent) =>
        // RenderMessage puts strings in quotes; a reader does not want them
        string.Concat(logEvent.MessageTemplate.Tokens.Select(token =>
            token is Serilog.Parsing.PropertyToken { PropertyName: var name }
                && logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string text }
                    ? text
                    : Render(token, logEvent)));

    private static string Render(Serilog.Parsing.MessageTemplateToken token, LogEvent logEvent)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        token.Render(logEvent.Properties, writer, CultureInfo.InvariantCulture);
        return writer.ToString();
    }

    private static void AppendQuoted(StringBuilder line, string value)
    {
        if (value.Length > 0 && value.All(c => c > ' ' && c != '"' && c != '=' && c != '\\' && c != '\x7f'))
        {
            line.Append(value);
            return;
        }

        line.Append('"').Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)).Append('"');
    }

    private static void WriteLogfmt(LogEvent logEvent, TextWriter output)
    {
        var line = new StringBuilder("ts=").Append(Time(logEvent)).Append(" level=").Append(Level(logEvent.Level)).Append(" msg=");
        AppendQuoted(line, Message(logEvent));
        foreach (var (key, value) in Fields(logEvent))
        {
            line.Append(' ').Append(key).Append('=');
            AppendQuoted(line, value);
        }

        if (logEvent.Exception is not null)
        {
            line.Append(" err=");
            AppendQuoted(line, logEvent.Exception.ToString());
        }

        output.Write(line);
    }

    private void WriteText(LogEvent logEvent, TextWriter output)
    {
        if (!journal)
        {
            output.Write(Time(logEvent));
            output.Write(' ');
            output.Write(Level(logEvent.Level).PadRight(5));
            output.Write(' ');
        }

        // one event is one line, whatever the message contains
        output.Write(PlainText.OneLine(Message(logEvent)));
        if (logEvent.Exception is not null)
        {
            output.Write(": ");
            output.Write(string.Join(journal ? " | " : "\n  ", logEvent.Exception.ToString().ReplaceLineEndings("\n").Split('\n').Select(PlainText.OneLine)));
        }
    }
}
