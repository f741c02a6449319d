using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>The destination of outgoing connections. Each connection to one destination needs its own local port.</summary>
/// <param name="Source">Local address.</param>
/// <param name="Address">Remote address.</param>
/// <param name="Port">Remote port.</param>
internal readonly record struct Destination(IpAddress Source, IpAddress Address, ushort Port)
{
    private const long Everywhere = 1;
    private const long OnLoopback = 2;

    /// <summary>
    /// Returns true if connect(2) reuses ports whose connection to this destination is in TIME_WAIT, one second after it
    /// ended (tcp_twsk_unique, net/ipv4/tcp_ipv4.c). Both ends must have used timestamps, which is not visible here.
    /// </summary>
    /// <param name="reuse">tcp_tw_reuse.</param>
    public bool TakesOverTimeWait(long reuse) => reuse == Everywhere || (reuse == OnLoopback && IsLoopback);

    /// <summary>True if either end is a loopback address.</summary>
    public bool IsLoopback => Source.IsLoopback || Address.IsLoopback;
}
