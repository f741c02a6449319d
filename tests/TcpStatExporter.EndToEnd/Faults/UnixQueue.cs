using System.Net.Sockets;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>An AF_UNIX listener that accepts nobody until it is told to, and clients of it that do not block.</summary>
internal sealed class UnixQueue : IDisposable
{
    private readonly NetNamespace _ns;
    private readonly Socket _listener;
    private readonly List<Socket> _clients = [];
    private readonly string? _folder;

    /// <summary>Makes it listen.</summary>
    /// <param name="ns">Where: an AF_UNIX socket belongs to the network namespace of the thread that makes it.</param>
    /// <param name="backlog">What it asks listen(2) for.</param>
    /// <param name="isAbstract">By an abstract name, instead of a path.</param>
    /// <param name="name">The abstract name; one of its own if not given.</param>
    public UnixQueue(NetNamespace ns, int backlog = 8, bool isAbstract = false, string? name = null)
    {
        _ns = ns;
        if (isAbstract)
        {
            Path = $"@{name ?? $"tcpstat/{ns.Name}/abstract"}";
            EndPoint = new UnixDomainSocketEndPoint('\0' + Path[1..]);
        }
        else
        {
            _folder = Directory.CreateTempSubdirectory("tcpstat-unix-").FullName;
            EndPoint = new UnixDomainSocketEndPoint(System.IO.Path.Combine(_folder, "php.sock"));
            Path = EndPoint.ToString()!;
        }

        _listener = ns.Run(() =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(EndPoint);
            socket.Listen(backlog);
            return socket;
        });
    }

    /// <summary>What the exporter calls it.</summary>
    public string Path { get; }

    /// <summary>Where clients connect to.</summary>
    private UnixDomainSocketEndPoint EndPoint { get; }

    /// <summary>Connects without blocking.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Those that failed with EAGAIN.</returns>
    public int Connect(int count) => _ns.Run(() =>
    {
        var failed = 0;
        for (var i = 0; i < count; i++)
        {
            var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
            try
            {
                client.Connect(EndPoint);
                _clients.Add(client);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                failed++;
                client.Dispose();
            }
        }

        return failed;
    });

    /// <summary>Accepts all that wait, and closes both ends.</summary>
    public void Drain()
    {
        while (_listener.Poll(0, SelectMode.SelectRead))
        {
            _listener.Accept().Dispose();
        }

        _clients.ForEach(client => client.Dispose());
        _clients.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _listener.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
