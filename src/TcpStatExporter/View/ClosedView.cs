using TcpStatExporter.Advisor;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>A listener that closed within the last hour.</summary>
/// <param name="Identity">Its name.</param>
/// <param name="Endpoint">Address and port.</param>
/// <param name="Ago">How long ago it was last seen.</param>
/// <param name="Listened">How long it was listening, while it was watched.</param>
/// <param name="Lost">Connections that it lost since it was first seen.</param>
/// <param name="Condition">Its condition in its last minute.</param>
internal sealed record ClosedView(ListenerIdentity Identity, string Endpoint, TimeSpan Ago, TimeSpan Listened, ulong Lost, ListenerCondition Condition);
