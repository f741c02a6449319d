using System.Net;
using TcpStatExporter.EndToEnd.Lab;

namespace TcpStatExporter.EndToEnd.Faults;

/// <summary>
/// A condition of TCP made on purpose in one namespace. It lasts until disposed, as long as the kernel's own timers
/// allow, and closes all of its sockets then.
/// </summary>
internal abstract class Fault : IDisposable
{
    private readonly Stack<KernelSocket> _kept = new();

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

    /// <summary>A connection of which both ends are kept.</summary>
    /// <param name="listener">Listener to connect to, with nothing else in its queue.</param>
    /// <param name="through">Address to dial, if not the listener's own.</param>
    protected (KernelSocket Client, KernelSocket Server) Connection(KernelSocket listener, IPEndPoint? through = null)
    {
        var client = Keep(KernelSocket.Connected(through ?? listener.LocalEndPoint));
        return (client, Keep(listener.Accept()));
    }
}
