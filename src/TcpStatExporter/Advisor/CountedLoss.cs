namespace TcpStatExporter.Advisor;

/// <summary>A kernel counter of loss: how far it has come, and how far while it was watched.</summary>
/// <param name="Name">As nstat(8) prints it: <c>TcpExtListenDrops</c>; of another queue, its file and column.</param>
/// <param name="SinceBoot">Its value: since boot, or since the network namespace was made.</param>
/// <param name="InWindow">What was added between the two samples.</param>
internal readonly record struct CountedLoss(string Name, ulong SinceBoot, ulong InWindow);
