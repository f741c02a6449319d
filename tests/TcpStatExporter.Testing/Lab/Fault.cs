using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A TCP condition created on purpose in one namespace. It lasts until disposed, as far as the kernel's timers allow, and
/// then closes all its sockets.
/// </summary>
internal abstract class Fault : IDisposable
{
    private readonly Stack<KernelSocket> _kept = new();
    private readonly List<KernelSocket> _connecting = [];

    /// <summary>
    /// Number of SYNs that were retransmitted by clients before they gave up. 0 if they gave up within one second.
    /// </summary>
    public uint Retries { get; private set; }

    /// <summary>Makes the waiting clients give up, so they change no more counters.</summary>
    public void StopRetries()
    {
        foreach (var client in _connecting.FindAll(client => client.State == TcpState.SynSent))
        {
            Retries += Retransmits(client);
            client.Dispose();
            _connecting.Remove(client);
        }
    }

    /// <summary>Makes connected clients close their end. If only the server closed, they would stay in CLOSE_WAIT.</summary>
    public void CloseClients()
    {
        _connecting.ForEach(client => client.Dispose());
        _connecting.Clear();
    }

    /// <summary>Closes the sockets, the newest first.</summary>
    public void Dispose()
    {
        while (_kept.TryPop(out var socket))
        {
            socket.Dispose();
        }
    }

    /// <summary>Creates the sockets inside a namespace. If that fails, leaves nothing behind.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="build">Creates the sockets.</param>
    protected void Build(NetNamespace ns, Action build)
    {
        try
        {
            ns.Run(build);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Keeps a socket open until this object is disposed.</summary>
    /// <param name="socket">The socket.</param>
    protected KernelSocket Keep(KernelSocket socket)
    {
        _kept.Push(socket);
        return socket;
    }

    /// <summary>Starts clients that connect and retry until they get an answer.</summary>
    /// <param name="remote">Address to connect to.</param>
    /// <param name="count">Number of clients.</param>
    protected void BeginConnecting(IPEndPoint remote, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _connecting.Add(Keep(KernelSocket.Connecting(remote)));
        }
    }

    /// <summary>Creates a connection and keeps both ends.</summary>
    /// <param name="listener">Listener to connect to. Its queue must be empty.</param>
    /// <param name="through">Address to connect to, if not the listener's own.</param>
    protected (KernelSocket Client, KernelSocket Server) Connection(KernelSocket listener, IPEndPoint? through = null)
    {
        var client = Keep(KernelSocket.Connected(through ?? listener.LocalEndPoint));
        return (client, Keep(listener.Accept()));
    }

    /// <summary>tcpi_total_retrans of TCP_INFO.</summary>
    protected static unsafe uint Retransmits(KernelSocket socket)
    {
        const int Offset = 100;
        var info = stackalloc uint[(Offset / sizeof(uint)) + 1];
        var length = Offset + sizeof(uint);
        Libc.Check(Libc.GetOption(socket, Libc.IpProtoTcp, Libc.TcpInfo, info, ref length), "getsockopt");
        return info[Offset / sizeof(uint)];
    }
}
