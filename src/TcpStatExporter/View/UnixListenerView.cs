using TcpStatExporter.Sampling;

namespace TcpStatExporter.View;

/// <summary>The AF_UNIX listeners of one name.</summary>
/// <param name="Identity">Path and unit.</param>
/// <param name="Uid">The user that made the socket; none where the kernel does not tell.</param>
/// <param name="Sockets">Listening sockets of that name.</param>
/// <param name="Queue">Connections that wait to be accepted.</param>
/// <param name="QueueLimit">Limit of the accept queue: it is full with one more than that.</param>
/// <param name="QueuePeak">The most waiting in the peak window.</param>
/// <param name="Fill">Length ÷ limit of the fullest socket; above 1 it is full.</param>
/// <param name="FillPeak">Largest <see cref="Fill"/> in the peak window.</param>
internal sealed record UnixListenerView(UnixIdentity Identity, uint? Uid, int Sockets, long Queue, long QueueLimit, long QueuePeak, double Fill, double FillPeak);
