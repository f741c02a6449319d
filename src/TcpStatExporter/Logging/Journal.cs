using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Logging;

/// <summary>
/// Detects whether stderr goes to the journal. The journal adds the time itself and understands a priority in front of each
/// line (sd-daemon(3)).
/// </summary>
internal static class Journal
{
    /// <summary>
    /// Compares stderr with JOURNAL_STREAM, which holds the device and inode of the stream that systemd created.
    /// </summary>
    /// <param name="journalStream">Value of JOURNAL_STREAM ("9:12345"). Null if it is not set.</param>
    /// <param name="stderrTarget">Target of /proc/self/fd/2 ("socket:[12345]"). Null if unknown.</param>
    public static bool IsStderr(string? journalStream, string? stderrTarget)
    {
        var colon = journalStream?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon > 0 && stderrTarget == $"socket:[{journalStream![(colon + 1)..]}]";
    }

    /// <summary>The same for this process.</summary>
    public static bool IsStderr() =>
        IsStderr(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), SymbolicLink.Target("/proc/self/fd/2"));
}
