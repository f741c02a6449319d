using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>Where outgoing connections go: those of one destination need a local port each.</summary>
/// <param name="Source">Local address.</param>
/// <param name="Address">Remote address.</param>
/// <param name="Port">Remote port.</param>
internal readonly record struct Destination(IpAddress Source, IpAddress Address, ushort Port)
{
    private const long Everywhere = 1;
    private const long OnLoopback = 2;

    /// <summary>
    /// Whether connect(2) takes over ports whose connection to it is in TIME_WAIT, a second after its end (tcp_twsk_unique,
    /// net/ipv4/tcp_ipv4.c). Both ends must have used timestamps, which is not to be seen here.
    /// </summary>
    /// <param name="reuse">tcp_tw_reuse.</param>
    public bool TakesOverTimeWait(long reuse) => reuse == Everywhere || (reuse == OnLoopback && IsLoopback);

    /// <summary>Either end is a loopback address.</summary>
    public bool IsLoopback => Source.IsLoopback || Address.IsLoopback;
}
