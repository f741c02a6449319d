using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Tests.Procfs;

/// <summary>Collects the sockets from a parser.</summary>
internal struct SocketList(List<TcpSocket> sockets, int limit = int.MaxValue) : ITcpSocketVisitor
{
    public readonly bool Visit(in TcpSocket socket)
    {
        sockets.Add(socket);
        return sockets.Count < limit;
    }

    /// <summary>Formats sockets like <see cref="NaiveParser"/>.</summary>
    public static List<string> Describe(List<TcpSocket> sockets) => sockets.ConvertAll(socket => string.Join(
        ' ',
        $"{socket.LocalAddress}|{socket.LocalPort}",
        $"{socket.RemoteAddress}|{socket.RemotePort}",
        $"state={(int)socket.State}",
        $"tx={socket.SendQueue}",
        $"rx={socket.ReceiveQueue}",
        $"timer={socket.Timer}",
        $"inode={socket.Inode}"));
}
