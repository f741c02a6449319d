using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A condition of TCP made on purpose in one namespace. It lasts until disposed, as long as the kernel's own timers
/// allow, and closes all of its sockets then.
/// </summary>
internal abstract class Fault : IDisposable
{
    private readonly Stack<KernelSocket> _kept = new();
    private readonly List<KernelSocket> _connecting = [];

    /// <summary>SYNs that the clients which gave up had sent again: none where they did so within a second.</summary>
    public uint Retries { get; private set; }

    /// <summary>Has the clients that wait for an answer give up, so that they move no counter any more.</summary>
    public void StopRetries()
    {
        foreach (var client in _connecting.FindAll(client => client.State == TcpState.SynSent))
        {
            Retries += Retransmits(client);
            client.Dispose();
            _connecting.Remove(client);
        }
    }

    /// <summary>Has the clients that got through close their end: if the server closed its own, they would stay in CLOSE_WAIT.</summary>
    public void CloseClients()
    {
        _connecting.ForEach(client => client.Dispose());
        _connecting.Clear();
    }

    /// <summary>Closes the sockets, the youngest first.</summary>
    public void Dispose()
    {
        while (_kept.TryPop(out var socket))
        {
            socket.Dispose();
        }
    }

    /// <summary>Builds inside a namespace, and leaves nothing behind where that fails.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="build">What makes the sockets.</param>
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

    /// <summary>Keeps a socket open until disposed.</summary>
    /// <param name="socket">The socket.</param>
    protected KernelSocket Keep(KernelSocket socket)
    {
        _kept.Push(socket);
        return socket;
    }

    /// <summary>Clients that begin to connect, and retry until an answer comes.</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="count">Clients.</param>
    protected void BeginConnecting(IPEndPoint remote, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _connecting.Add(Keep(KernelSocket.Connecting(remote)));
        }
    }

    /// <summary>A connection of which both ends are kept.</summary>
    /// <param name="listener">Listener to connect to, with nothing else in its queue.</param>
    /// <param name="through">Address to dial, if not the listener's own.</param>
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
