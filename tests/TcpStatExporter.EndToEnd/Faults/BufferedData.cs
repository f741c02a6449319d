using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// Data that nobody reads, in send buffers above the limit for unprivileged processes. It is TCP memory, counted for the
/// whole host. Up to tcp_mem[0] it is harmless. Above tcp_mem[1] the kernel shrinks the windows and buffers of every
/// connection of the host, and above tcp_mem[2] it drops packets.
/// </summary>
internal sealed class BufferedData : Fault
{
    private const int ForOneSocket = 16 << 20;

    /// <summary>Creates the data.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="bytes">Approximate size.</param>
    public BufferedData(NetNamespace ns, long bytes) => Build(ns, () =>
    {
        var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16));
        var data = new byte[ForOneSocket / 2];
        for (var left = bytes; left > 0; left -= data.Length)
        {
            var (client, _) = Connection(listener);
            client.SetOption(Libc.SolSocket, Libc.SoSendBufferForce, ForOneSocket);
            client.Send(data);
        }
    });
}
