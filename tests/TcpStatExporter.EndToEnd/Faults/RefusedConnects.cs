using System.Net;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>Connects to a port where nobody listens: a reset answers each, and AttemptFails and OutRsts count it.</summary>
/// <param name="ns">Where.</param>
internal sealed class RefusedConnects(NetNamespace ns) : Fault
{
    private const int Nobody = 9;

    /// <summary>A round.</summary>
    /// <param name="count">Clients that try.</param>
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
