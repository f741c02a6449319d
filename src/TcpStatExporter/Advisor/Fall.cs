namespace TcpStatExporter.Advisor;

/// <summary>An event in which most connections ended at once.</summary>
/// <param name="At">Monotonic time of the tick that detected it.</param>
/// <param name="From">Connections open before it.</param>
/// <param name="Resets">Connections that ended with a reset or a timeout (EstabResets), except those that this host aborted itself.</param>
internal readonly record struct Fall(TimeSpan At, long From, ulong Resets);
