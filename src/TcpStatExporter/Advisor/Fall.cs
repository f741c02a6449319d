namespace TcpStatExporter.Advisor;

/// <summary>Most connections went at once.</summary>
/// <param name="At">Monotonic time of the tick that saw it.</param>
/// <param name="From">Connections that were open before.</param>
/// <param name="Resets">Those that ended in a reset or a time-out (EstabResets), and not because this host aborted them.</param>
internal readonly record struct Fall(TimeSpan At, long From, ulong Resets);
