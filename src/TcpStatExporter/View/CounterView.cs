namespace TcpStatExporter.View;

/// <summary>A kernel counter that is increasing.</summary>
/// <param name="Name">Its name in nstat(8): <c>TcpExtListenDrops</c>.</param>
/// <param name="PerSecond">Increase per second over <see cref="HostView.RateWindow"/>. Greater than 0.</param>
/// <param name="SinceBoot">Its value since boot, or since the network namespace was created.</param>
/// <param name="IsLoss">Every increment is a loss, or indicates one.</param>
/// <param name="Help">A description of what it counts.</param>
internal sealed record CounterView(string Name, double PerSecond, ulong SinceBoot, bool IsLoss, string Help);
