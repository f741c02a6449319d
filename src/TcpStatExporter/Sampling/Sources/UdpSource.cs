using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;
using TcpStatExporter.Sampling.SockDiag;

namespace TcpStatExporter.Sampling.Sources;

/// <summary>
/// Bound UDP sockets with their drops and receive queue. Netlink also reports limit and owner. Either way, the kernel walks
/// its whole UDP hash table, however few sockets there are. On a kernel without udp_diag, procfs is read.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="useNetlink">Try netlink first.</param>
/// <param name="pace">Decides when to read.</param>
/// <param name="stopping">Stops a read early. Its result must not be published.</param>
internal sealed class UdpSource(NetNamespace net, bool useNetlink, ReadingPace pace, CancellationToken stopping) : ISource
{
    private readonly SockDiagConnection _connection = new(net, stopping);
    private readonly NetTcpFile _udp = net.UdpSockets(IpFamily.IPv4);
    private readonly NetTcpFile _udp6 = net.UdpSockets(IpFamily.IPv6);
    private readonly Collected _collected = new();
    private bool _useNetlink = useNetlink;
    private ReadResult _last;

    /// <inheritdoc/>
    public SourceId Id => SourceId.Udp;

    /// <inheritdoc/>
    public SourceMethod Method => _useNetlink ? SourceMethod.Netlink : SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        snapshot.AreUdpSocketsNew = false;
        if (!pace.IsDue)
        {
            // its problem was counted when it was read
            return _last.IsOk ? ReadResult.Ok : _last;
        }

        pace.Begin();
        _collected.Begin(snapshot);
        _last = ReadNow();
        pace.End(_last.Status != SourceStatus.Failed);
        snapshot.AreUdpSocketsNew = _last.IsOk;
        return _last;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _udp.Dispose();
        _udp6.Dispose();
    }

    private ReadResult ReadNow()
    {
        if (_useNetlink)
        {
            var first = Dump(IpFamily.IPv4);
            if (first.Error != SourceError.Unsupported)
            {
                return first.IsOk ? WithIPv6(first, Dump(IpFamily.IPv6)) : first;
            }

            _useNetlink = false;
        }

        var result = ReadFile(_udp);
        return result.Error == SourceError.NotFound ? ReadResult.Absent : result.IsOk ? WithIPv6(result, ReadFile(_udp6)) : result;
    }

    /// <summary>A host without IPv6 has no udp6 and does not know the request.</summary>
    private static ReadResult WithIPv6(ReadResult first, ReadResult second) =>
        second.Error is SourceError.None or SourceError.Unsupported or SourceError.NotFound ? first : second;

    private ReadResult Dump(IpFamily family)
    {
        _collected.Keep();
        return _connection.Dump(InetDiagRequest.UdpReceivers(family), new Visitor(_collected), static collected => collected.Reset(), _collected);
    }

    private ReadResult ReadFile(NetTcpFile file)
    {
        var visitor = new Stoppable<Visitor>(new Visitor(_collected), stopping);
        return file.Read(ref visitor);
    }

    /// <summary>The sockets of both families, and how many of them an interrupted dump must keep.</summary>
    private sealed class Collected
    {
        private ValueList<UdpSocket> _sockets = new();
        private SysctlValue _ephemeral;
        private int _kept;

        public void Begin(TcpSnapshot snapshot)
        {
            _sockets = snapshot.UdpSockets;
            _sockets.Clear();
            _ephemeral = snapshot[SourceId.Sysctl].IsOk ? snapshot.Sysctls[Sysctl.IpLocalPortRange] : default;
        }

        public void Keep() => _kept = _sockets.Count;

        public void Reset() => _sockets.Shorten(_kept);

        /// <summary>Adds a socket, unless it is one of the many client sockets without drops.</summary>
        public void Add(in TcpSocket socket)
        {
            var isClients = _ephemeral.Count == 2 && socket.LocalPort >= _ephemeral.First && socket.LocalPort <= _ephemeral.Second;
            if (socket is { State: TcpState.Close, LocalPort: not 0, HasDrops: true } && !(isClients && socket.Drops == 0))
            {
                _sockets.Add(new UdpSocket
                {
                    Address = socket.LocalAddress,
                    Port = socket.LocalPort,
                    Interface = socket.Interface,
                    Cookie = socket.Cookie != 0 ? socket.Cookie : socket.Inode,
                    CgroupId = socket.CgroupId,
                    QueueBytes = socket.ReceiveQueue,
                    LimitBytes = socket.ReceiveLimit,
                    Drops = socket.Drops,
                });
            }
        }
    }

    private readonly struct Visitor(Collected collected) : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket)
        {
            collected.Add(in socket);
            return true;
        }
    }
}
