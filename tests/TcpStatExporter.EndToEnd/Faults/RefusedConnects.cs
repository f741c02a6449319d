using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>Connects to a port without a listener. A reset answers each attempt, and AttemptFails and OutRsts count it.</summary>
/// <param name="ns">The namespace.</param>
internal sealed class RefusedConnects(NetNamespace ns) : Fault
{
    private const int Nobody = 9;

    /// <summary>Starts a round.</summary>
    /// <param name="count">Number of clients.</param>
    public void Try(int count) => Build(ns, () =>
    {
        for (var i = 0; i < count; i++)
        {
            using var client = KernelSocket.Tcp();
            var error = client.TryConnect(new IPEndPoint(IPAddress.Loopback, Nobody));
            if (error != Libc.EConnRefused)
            {
                throw new InvalidOperationException($"connect: error {error}");
            }
        }
    });
}
