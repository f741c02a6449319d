using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Testing.Lab;

/// <summary>An HTTP server for wrk(1). It answers every request, and accepts connections at a given pace.</summary>
internal sealed class LoadServer : IDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray();

    private readonly KernelSocket _listener;
    private readonly TimeSpan _pause;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Starts the server.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="backlog">Limit of its accept queue.</param>
    /// <param name="address">Address to listen on. Default: 127.0.0.1.</param>
    /// <param name="pause">Pause before it accepts the next connection.</param>
    public LoadServer(NetNamespace ns, int backlog, IPAddress? address = null, TimeSpan pause = default)
    {
        _pause = pause;
        _listener = ns.Run(() => KernelSocket.Listener(address ?? IPAddress.Loopback, backlog));
        Listener = _listener.LocalEndPoint;
        _thread = new Thread(Accept) { IsBackground = true, Name = nameof(LoadServer) };
        _thread.Start();
    }

    /// <summary>The address that it listens on.</summary>
    public IPEndPoint Listener { get; }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _listener.Dispose();
    }

    private static async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            var buffer = new byte[512];
            try
            {
                // a wrk request is one segment
                while (await connection.ReceiveAsync(buffer) > 0)
                {
                    await connection.SendAsync(Answer);
                }
            }
            catch (SocketException)
            {
                // the client has gone
            }
        }
    }

    private void Accept()
    {
        using var listener = new Socket(new SafeSocketHandle(_listener.DangerousGetHandle(), ownsHandle: false));
        while (!_stopped)
        {
            if (listener.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
            {
                _ = ServeAsync(listener.Accept());
            }

            if (_pause > TimeSpan.Zero)
            {
                Thread.Sleep(_pause);
            }
        }
    }
}
