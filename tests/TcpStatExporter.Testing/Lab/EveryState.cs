using System.Net;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// Sockets in every state that lasts, over IPv4, IPv6 and v4-mapped IPv6. Includes request sockets, TIME_WAIT and FIN_WAIT2
/// minisockets, full sockets in SYN_RECV (Fast Open), orphans, and connections that nobody accepted. CLOSE is missing,
/// because the kernel removes a socket from its tables before it reaches that state. The kernel's timers leave everything
/// unchanged for at least 30 s.
/// </summary>
internal sealed class EveryState : Fault
{
    /// <summary>Limit of the listeners' accept queues.</summary>
    public const int Backlog = 128;

    // tcp_fastopen: client, server, and both without a cookie
    private const int FastOpenWithoutCookie = 0x1 | 0x2 | 0x4 | 0x200;

    private readonly List<(IPAddress Address, int Port, int Length)> _halfOpen = [];
    private readonly List<KernelSocket> _unheard = [];
    private readonly Dictionary<TcpState, int> _expected = Enum.GetValues<TcpState>()
        .Where(state => state is > TcpState.None and <= TcpState.Closing)
        .ToDictionary(state => state, _ => 0);

    /// <summary>Creates the sockets.</summary>
    /// <param name="ns">The namespace. Its tcp_fastopen is set.</param>
    /// <param name="scale">Number of each kind for IPv4. IPv6 has one more and v4-mapped two more, so all counts differ.</param>
    public EveryState(NetNamespace ns, int scale = 2)
    {
        var hasIPv6 = ns.HasIPv6;
        ns.SetSysctl("net.ipv4.tcp_fastopen", $"{FastOpenWithoutCookie}");
        Build(ns, () =>
        {
            Populate(scale, IPAddress.Loopback, IPAddress.Loopback);
            if (hasIPv6)
            {
                Populate(scale + 1, IPAddress.IPv6Loopback, IPAddress.IPv6Loopback);
                Populate(scale + 2, IPAddress.IPv6Any, IPAddress.Loopback.MapToIPv6());
            }
        });
    }

    /// <summary>Number of sockets in each of the eleven states.</summary>
    public IReadOnlyDictionary<TcpState, int> Expected => _expected;

    /// <summary>Number of minisockets in FIN_WAIT2: their process has closed them.</summary>
    public int FinWait2Minisockets { get; private set; }

    /// <summary>Number of request sockets in SYN_RECV: all except the Fast Open ones.</summary>
    public int Requests { get; private set; }

    /// <summary>Connections in ESTABLISHED that nobody accepted.</summary>
    public int EstablishedUnaccepted { get; private set; }

    /// <summary>Connections in CLOSE_WAIT that nobody accepted.</summary>
    public int CloseWaitUnaccepted { get; private set; }

    /// <summary>Listeners with half-open connections, and how many, including Fast Open: IPv4, IPv6 and v4-mapped.</summary>
    public IReadOnlyList<(IPAddress Address, int Port, int Length)> HalfOpen => _halfOpen;

    /// <summary>The IPv4 listener that drops every SYN of its clients.</summary>
    public KernelSocket Deaf { get; private set; } = null!;

    /// <summary>SYNs that the clients of <see cref="Deaf"/> have sent: the first one of each client plus its retries.</summary>
    public uint Unheard => (uint)_unheard.Sum(client => 1 + Retransmits(client));

    /// <summary>Adds a listener in the namespace of the calling thread.</summary>
    /// <param name="address">Address to listen on.</param>
    /// <param name="backlog">Limit of its accept queue.</param>
    public KernelSocket Listen(IPAddress address, int backlog = Backlog)
    {
        Add(TcpState.Listen);
        return Keep(KernelSocket.Listener(address, backlog));
    }

    private void Populate(int count, IPAddress bind, IPAddress dial)
    {
        var listener = Listen(bind);
        var remote = new IPEndPoint(dial, listener.LocalEndPoint.Port);
        for (var i = 0; i < count; i++)
        {
            Established(listener, remote);
            FinWait1(listener, remote);
            FinWait1Orphan(listener, remote);
            FinWait2(listener, remote);
            FinWait2Minisocket(listener, remote);
            TimeWait(listener, remote);
            LastAck(listener, remote);
            Closing(listener, remote);
        }

        var deaf = Listen(bind);
        deaf.Attach(SocketFilter.Nothing);
        Deaf ??= deaf;
        var halfDeaf = Listen(bind);
        halfDeaf.SetOption(Libc.IpProtoTcp, Libc.TcpFastOpen, Backlog);
        halfDeaf.Attach(SocketFilter.OnlySyn);
        _halfOpen.Add((dial, halfDeaf.LocalEndPoint.Port, 2 * count));
        var idle = Listen(bind);
        for (var i = 0; i < count; i++)
        {
            var client = SynSent(new IPEndPoint(dial, deaf.LocalEndPoint.Port));
            if (Deaf == deaf)
            {
                _unheard.Add(client);
            }

            SynRecv(new IPEndPoint(dial, halfDeaf.LocalEndPoint.Port));
            SynRecvFastOpen(new IPEndPoint(dial, halfDeaf.LocalEndPoint.Port));
            Unaccepted(new IPEndPoint(dial, idle.LocalEndPoint.Port));
        }
    }

    private void Established(KernelSocket listener, IPEndPoint remote)
    {
        Connection(listener, remote);
        Add(TcpState.Established, TcpState.Established);
    }

    private KernelSocket SynSent(IPEndPoint deaf)
    {
        Add(TcpState.SynSent);
        return Keep(KernelSocket.Connecting(deaf));
    }

    private void SynRecv(IPEndPoint halfDeaf)
    {
        var client = Keep(KernelSocket.Connecting(halfDeaf));
        client.WaitFor(TcpState.Established);
        Add(TcpState.Established, TcpState.SynRecv);
        Requests++;
    }

    /// <summary>The server's socket exists from the SYN on. It inherits the filter that blocks the ACK.</summary>
    private void SynRecvFastOpen(IPEndPoint halfDeaf)
    {
        var client = Keep(KernelSocket.Tcp(halfDeaf.AddressFamily));
        client.SendTo("early"u8, halfDeaf, Libc.MsgFastOpen);
        client.WaitFor(TcpState.Established);
        Add(TcpState.Established, TcpState.SynRecv);
    }

    private void FinWait1(KernelSocket listener, IPEndPoint remote)
    {
        var (client, server) = Connection(listener, remote);
        server.Attach(SocketFilter.Nothing);
        client.ShutdownSend();
        Add(TcpState.FinWait1, TcpState.Established);
    }

    private void FinWait1Orphan(KernelSocket listener, IPEndPoint remote)
    {
        var (client, server) = Connection(listener, remote);
        server.Attach(SocketFilter.Nothing);
        client.Dispose();
        Add(TcpState.FinWait1, TcpState.Established);
    }

    private void FinWait2(KernelSocket listener, IPEndPoint remote)
    {
        var (client, _) = Connection(listener, remote);
        client.ShutdownSend();
        client.WaitFor(TcpState.FinWait2);
        Add(TcpState.FinWait2, TcpState.CloseWait);
    }

    private void FinWait2Minisocket(KernelSocket listener, IPEndPoint remote)
    {
        var (client, _) = Connection(listener, remote);
        client.ShutdownSend();
        client.WaitFor(TcpState.FinWait2);
        client.Dispose();
        Add(TcpState.FinWait2, TcpState.CloseWait);
        FinWait2Minisockets++;
    }

    private void TimeWait(KernelSocket listener, IPEndPoint remote)
    {
        var (client, server) = Connection(listener, remote);
        client.ShutdownSend();
        server.WaitFor(TcpState.CloseWait);
        server.Dispose();
        client.WaitFor(TcpState.Close);
        Add(TcpState.TimeWait);
    }

    private void LastAck(KernelSocket listener, IPEndPoint remote)
    {
        var (client, server) = Connection(listener, remote);
        client.ShutdownSend();
        client.WaitFor(TcpState.FinWait2);
        client.Attach(SocketFilter.Nothing);
        server.Dispose();
        Add(TcpState.FinWait2, TcpState.LastAck);
    }

    private void Closing(KernelSocket listener, IPEndPoint remote)
    {
        var (client, server) = Connection(listener, remote);
        server.Attach(SocketFilter.Nothing);
        client.ShutdownSend();
        server.ShutdownSend();
        client.WaitFor(TcpState.Closing);
        Add(TcpState.Closing, TcpState.FinWait1);
    }

    private void Unaccepted(IPEndPoint idle)
    {
        Keep(KernelSocket.Connected(idle));
        Add(TcpState.Established, TcpState.Established);
        EstablishedUnaccepted++;

        using var leaves = KernelSocket.Connected(idle);
        leaves.ShutdownSend();
        leaves.WaitFor(TcpState.FinWait2);
        Add(TcpState.FinWait2, TcpState.CloseWait);
        FinWait2Minisockets++;
        CloseWaitUnaccepted++;
    }

    private void Add(params ReadOnlySpan<TcpState> states)
    {
        foreach (var state in states)
        {
            _expected[state]++;
        }
    }
}
