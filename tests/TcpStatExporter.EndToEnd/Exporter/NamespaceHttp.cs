using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Exporter;

/// <summary>HTTP requests in a network namespace.</summary>
internal static class NamespaceHttp
{
    /// <summary>
    /// Creates a client that connects inside the namespace. It keeps one connection, so the scrape's own sockets (two in
    /// ESTABLISHED) stay the same from scrape to scrape.
    /// </summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">Address and port of the server.</param>
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

    /// <summary>Connects inside the namespace.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">Address and port of the server.</param>
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
