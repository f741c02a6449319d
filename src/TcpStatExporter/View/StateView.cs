using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.View;

/// <summary>Connections in one state.</summary>
/// <param name="State">The state.</param>
/// <param name="Name">Its name as people write it: <c>TIME_WAIT</c>.</param>
/// <param name="Now">Connections now.</param>
/// <param name="Peak">The most in the peak window.</param>
/// <param name="History">Connections at each point of the recent past.</param>
internal sealed record StateView(TcpState State, string Name, long Now, long Peak, IReadOnlyList<double?> History);
