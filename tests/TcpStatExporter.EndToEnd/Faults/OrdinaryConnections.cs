using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>Normal connections: opened, used in both directions, closed normally. Not a fault.</summary>
internal sealed class OrdinaryConnections : Fault
{
    /// <summary>Creates the connections.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="count">Number of connections, one after another.</param>
    public OrdinaryConnections(NetNamespace ns, int count) => Build(ns, () =>
    {
        var listener = Keep(KernelSocket.Listener(IPAddress.Loopback, backlog: 16));
        for (var i = 0; i < count; i++)
        {
            using var client = KernelSocket.Connected(listener.LocalEndPoint);
            using var server = listener.Accept();
            client.Send("question"u8);
            server.ReceiveAll("question"u8.Length);
            server.Send("answer"u8);
            client.ReceiveAll("answer"u8.Length);
            client.ShutdownSend();
            server.WaitFor(TcpState.CloseWait);
            server.ShutdownSend();
            client.WaitFor(TcpState.Close);
        }
    });
}
