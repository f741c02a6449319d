
namespace TcpStatExporter.Logging;

/// <summary>The one line on stderr that says why a command cannot start or continue.</summary>
internal static class FailureLine
{
    /// <summary>If the reader of stderr stalls, the process still exits after this time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Writes the line if stderr can be written. If stderr goes to the journal, the line has the priority of an error.
    /// </summary>
    /// <param name="reason">Why it cannot start.</param>
    public static async Task WriteAsync(string reason)
    {
        var line = Format(reason, Journal.IsStderr());
        var error = Console.Error;
        try
        {
            await Task.Run(() => error.WriteLine(line)).WaitAsync(Patience);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // there is nowhere else to report it; the exit code is left
        }
    }

    /// <summary>Returns the line without its newline.</summary>
    /// <param name="reason">Why it cannot start.</param>
    /// <param name="isJournal">The line goes to the journal, which expects a priority in front (sd-daemon(3)).</param>
    internal static string Format(string reason, bool isJournal) => $"{(isJournal ? "<3>" : "")}tcpstat-exporter: {reason}";
}
