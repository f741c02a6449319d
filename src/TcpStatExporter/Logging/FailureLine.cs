
namespace TcpStatExporter.Logging;

/// <summary>The one line in which a command that cannot start, or go on, says why, to stderr.</summary>
internal static class FailureLine
{
    /// <summary>A reader of stderr that stalls does not keep the process alive.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Writes it, where stderr can be written; as an error where stderr goes to the journal.</summary>
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
            // there is nowhere else to say it: the exit code remains
        }
    }

    /// <summary>The line without its end.</summary>
    /// <param name="reason">Why it cannot start.</param>
    /// <param name="isJournal">Whether it goes to the journal, which takes a priority before it (sd-daemon(3)).</param>
    internal static string Format(string reason, bool isJournal) => $"{(isJournal ? "<3>" : "")}tcpstat-exporter: {reason}";
}
