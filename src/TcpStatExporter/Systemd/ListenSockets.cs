using System.Globalization;

namespace TcpStatExporter.Systemd;

/// <summary>The sockets that systemd listens on and hands over (socket activation, sd_listen_fds(3)).</summary>
internal static class ListenSockets
{
    /// <summary>SD_LISTEN_FDS_START: the descriptors follow the standard ones.</summary>
    private const int First = 3;

    /// <summary>More than any unit names; what is above it is no number of sockets.</summary>
    private const int Most = 1024;

    /// <summary>Descriptors of the sockets.</summary>
    /// <param name="environment">Reads an environment variable: LISTEN_PID, LISTEN_FDS.</param>
    /// <returns>None where systemd handed over none, or to another process.</returns>
    public static IReadOnlyList<ulong> Descriptors(Func<string, string?> environment)
    {
        var isOurs = environment("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return isOurs && int.TryParse(environment("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= Most
            ? [.. Enumerable.Range(First, count).Select(descriptor => (ulong)descriptor)]
            : [];
    }
}
