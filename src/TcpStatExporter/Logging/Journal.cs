using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Logging;

/// <summary>Whether what is written to stderr goes to the journal, which adds the time itself and understands a priority before each line (sd-daemon(3)).</summary>
internal static class Journal
{
    /// <summary>Compares JOURNAL_STREAM, which names the device and inode of the stream that systemd made, with stderr.</summary>
    /// <param name="journalStream">Value of JOURNAL_STREAM ("9:12345"); null where it is not set.</param>
    /// <param name="stderrTarget">What /proc/self/fd/2 points to ("socket:[12345]"); null where it cannot be told.</param>
    public static bool IsStderr(string? journalStream, string? stderrTarget)
    {
        var colon = journalStream?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon > 0 && stderrTarget == $"socket:[{journalStream![(colon + 1)..]}]";
    }

    /// <summary>The same for this process.</summary>
    public static bool IsStderr() =>
        IsStderr(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), SymbolicLink.Target("/proc/self/fd/2"));
}
