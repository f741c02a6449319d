using TcpStatExporter.Advisor;
using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>A listener that stopped listening within the last hour.</summary>
/// <param name="Identity">Its name.</param>
/// <param name="Endpoint">Address and port.</param>
/// <param name="Ago">How long ago it was seen last.</param>
/// <param name="Listened">How long it had listened, as far as it was watched.</param>
/// <param name="Lost">Connections that it lost since it is known.</param>
/// <param name="Condition">What was the matter with it in the last minute.</param>
internal sealed record ClosedView(ListenerIdentity Identity, string Endpoint, TimeSpan Ago, TimeSpan Listened, ulong Lost, ListenerCondition Condition);
