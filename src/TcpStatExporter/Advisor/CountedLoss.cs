namespace TcpStatExporter.Advisor;

/// <summary>A kernel counter of losses: its value, and how much it increased while watched.</summary>
/// <param name="Name">Its name in nstat(8): <c>TcpExtListenDrops</c>. For another queue: its file and column.</param>
/// <param name="SinceBoot">Its value since boot, or since the network namespace was created.</param>
/// <param name="InWindow">Its increase between the two samples.</param>
internal readonly record struct CountedLoss(string Name, ulong SinceBoot, ulong InWindow);
