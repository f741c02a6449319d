using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Web;

/// <summary>Clients that request the metrics and do not read them. A client whose connection ends reconnects.</summary>
internal sealed class SlowReaders : IDisposable
{
    private readonly Socket[] _readers;
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Starts the clients.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="server">The server to attack.</param>
    /// <param name="count">Number of clients.</param>
    public SlowReaders(NetNamespace ns, IPEndPoint server, int count)
    {
        _readers = ns.Run(() => Enumerable.Range(0, count).Select(_ => Ask(server)).ToArray());
        _thread = new Thread(() => ns.Run(() => ComeAgain(server))) { IsBackground = true, Name = nameof(SlowReaders) };
        _thread.Start();
    }

    /// <summary>How often a client was cut off.</summary>
    public int CutOff { get; private set; }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        foreach (var reader in _readers)
        {
            reader.Dispose();
        }
    }

    private static Socket Ask(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        try
        {
            socket.Connect(server);
            socket.Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
        }
        catch (SocketException)
        {
            // checked again in the next round
        }

        return socket;
    }

    private void ComeAgain(IPEndPoint server)
    {
        while (!_stopped)
        {
            for (var i = 0; i < _readers.Length; i++)
            {
                // a reset is an error, whatever there is to read
                if (_readers[i].Poll(0, SelectMode.SelectError) || !_readers[i].Connected)
                {
                    _readers[i].Dispose();
                    _readers[i] = Ask(server);
                    CutOff++;
                }
            }

            Thread.Sleep(TimeSpan.FromMilliseconds(100));
        }
    }
}
