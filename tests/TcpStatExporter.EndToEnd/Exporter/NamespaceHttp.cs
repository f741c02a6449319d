using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>HTTP into a network namespace.</summary>
internal static class NamespaceHttp
{
    /// <summary>
    /// A client whose connections are made inside. It keeps one connection and uses it again, so that the sockets of
    /// the scrape itself (two in ESTABLISHED) stay the same from one scrape to the next.
    /// </summary>
    /// <param name="ns">Where.</param>
    /// <param name="server">Address and port of the server there.</param>
    public static HttpClient Client(NetNamespace ns, IPEndPoint server)
    {
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 1,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(Connect(ns, server), ownsSocket: true)),
        };
        return new HttpClient(handler) { BaseAddress = new Uri($"http://{server}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>A connection made inside.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="server">Address and port of the server there.</param>
    public static Socket Connect(NetNamespace ns, IPEndPoint server) => ns.Run(() =>
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(server);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });
}
