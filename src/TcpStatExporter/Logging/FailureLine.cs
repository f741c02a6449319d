using TcpStatExporter.Systemd;

namespace TcpStatExporter.Logging;

/// <summary>The one line in which a command that cannot start says why, to stderr.</summary>
internal static class FailureLine
{
    /// <summary>Writes it; as an error where stderr goes to the journal.</summary>
    /// <param name="reason">Why it cannot start.</param>
    public static Task WriteAsync(string reason) => Console.Error.WriteLineAsync(Format(reason, Journal.IsStderr()));

    /// <summary>The line without its end.</summary>
    /// <param name="reason">Why it cannot start.</param>
    /// <param name="isJournal">Whether it goes to the journal, which takes a priority before it (sd-daemon(3)).</param>
    internal static string Format(string reason, bool isJournal) => $"{(isJournal ? "<3>" : "")}tcpstat-exporter: {reason}";
}
