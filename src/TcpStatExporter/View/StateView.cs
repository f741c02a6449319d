using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>Connections in one state.</summary>
/// <param name="State">The state.</param>
/// <param name="Name">Its usual spelling: <c>TIME_WAIT</c>.</param>
/// <param name="Now">Current number of connections.</param>
/// <param name="Peak">Maximum in the peak window.</param>
/// <param name="History">Number of connections at each point of the recent past.</param>
internal sealed record StateView(TcpState State, string Name, long Now, long Peak, IReadOnlyList<double?> History);
