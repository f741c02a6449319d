namespace TcpStatExporter.View;

/// <summary>A kernel counter that moves.</summary>
/// <param name="Name">As nstat(8) prints it: <c>TcpExtListenDrops</c>.</param>
/// <param name="PerSecond">What was added a second, over <see cref="HostView.RateWindow"/>; more than 0.</param>
/// <param name="SinceBoot">Its value: since boot, or since the network namespace was made.</param>
/// <param name="IsLoss">Every increment is a loss, or stands for one.</param>
/// <param name="Help">What it counts.</param>
internal sealed record CounterView(string Name, double PerSecond, ulong SinceBoot, bool IsLoss, string Help);
