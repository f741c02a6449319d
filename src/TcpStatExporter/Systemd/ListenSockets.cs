using System.Globalization;

namespace TcpStatExporter.Systemd;

/// <summary>The listening sockets that systemd passes to us (socket activation, sd_listen_fds(3)).</summary>
internal static class ListenSockets
{
    /// <summary>SD_LISTEN_FDS_START: they come after the standard descriptors.</summary>
    private const int First = 3;

    /// <summary>More sockets than any unit has. A larger number is invalid.</summary>
    private const int Most = 1024;

    /// <summary>Returns the descriptors of the sockets.</summary>
    /// <param name="environment">Reads an environment variable: LISTEN_PID, LISTEN_FDS.</param>
    /// <returns>Empty if systemd passed none, or passed them to another process.</returns>
    public static IReadOnlyList<ulong> Descriptors(Func<string, string?> environment)
    {
        var isOurs = environment("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isOurs && int.TryParse(environment("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= Most
            ? [.. Enumerable.Range(First, count).Select(descriptor => (ulong)descriptor)]
            : [];
    }
}
