using System.Net;
using System.Net.Sockets;

namespace TcpStatExporter.Kernel.Tests.Netlink;

/// <summary>
/// Sockets in every state that a socket can stay in, made on purpose in the namespace of the calling thread, IPv4, IPv6
/// and v4-mapped. CLOSE is not among them: the kernel takes a socket out of its tables before it enters that state.
/// </summary>
internal sealed class EveryState : IDisposable
{
    private const int SolSocket = 1;
    private const int SoAttachFilter = 26;
    private const int TcpInfo = 11;

    /// <summary>Offset of tcpi_total_retrans in struct tcp_info.</summary>
    private const int TotalRetransmissions = 100;

    private static readonly ulong[] DropAll = [Instruction(0x06, 0, 0, 0)];

    // load byte 13 of the TCP header, drop if ACK is set, else accept
    private static readonly ulong[] OnlySyn = [Instruction(0x30, 0, 0, 13), Instruction(0x45, 0, 1, 0x10), Instruction(0x06, 0, 0, 0), Instruction(0x06, 0, 0, uint.MaxValue)];
    private readonly List<Socket> _sockets = [];
    private readonly Socket _unheard;

    public EveryState()
    {
        var server4 = Listen(IPAddress.Loopback, backlog: 64);
        var server6 = Listen(IPAddress.IPv6Loopback, backlog: 32);
        var dual = Listen(IPAddress.IPv6Any, backlog: 16);
        var mapped = new IPEndPoint(IPAddress.Loopback, Port(dual));

        // ESTABLISHED: IPv4, IPv6, v4-mapped, and one that nobody accepts
        var unattended = Listen(IPAddress.Loopback, backlog: 8);
        Connect(server4);
        Connect(server6);
        Connect(dual, mapped);
        Client(unattended.LocalEndPoint!);

        // CLOSE_WAIT: accepted, with a full socket in FIN_WAIT2 at the other end; and given up while queued, with a minisocket
        var (halfClosed, _) = Connect(server6);
        halfClosed.Shutdown(SocketShutdown.Send);
        Client(unattended.LocalEndPoint!).Dispose();

        // TIME_WAIT, also v4-mapped
        foreach (var pair in new[] { Connect(server4), Connect(dual, mapped) })
        {
            pair.Accepted.Dispose();
            pair.Client.Dispose();
        }

        // LAST_ACK: what answers its FIN is dropped on the way in
        var (first, second) = Connect(server4);
        first.Shutdown(SocketShutdown.Send);
        WaitForEnd(second);
        Filter(second, DropAll);
        second.Shutdown(SocketShutdown.Send);

        // CLOSING and FIN_WAIT1: each end closes, and one does not hear of it
        (first, second) = Connect(server6);
        Filter(second, DropAll);
        first.Shutdown(SocketShutdown.Send);
        second.Shutdown(SocketShutdown.Send);

        // SYN_SENT: the SYN is dropped at the listener, which counts it as its drop
        Deaf = Listen(IPAddress.Loopback, backlog: 4);
        Filter(Deaf, DropAll);
        _unheard = BeginConnect(Deaf.LocalEndPoint!);

        // request sockets: the listener hears the SYN and not the last ACK; IPv4, IPv6 and v4-mapped
        var halfOpen = Listen(IPAddress.IPv6Any, backlog: 16);
        HalfOpenPort = Port(halfOpen);
        Filter(halfOpen, OnlySyn);
        BeginConnect(new IPEndPoint(IPAddress.IPv6Loopback, HalfOpenPort));
        BeginConnect(new IPEndPoint(IPAddress.Loopback, HalfOpenPort));
        BeginConnect(new IPEndPoint(IPAddress.Loopback, HalfOpenPort));

        // the last FINs are under way
        Thread.Sleep(100);
    }

    /// <summary>A listener that has dropped every SYN of its one client.</summary>
    public Socket Deaf { get; }

    /// <summary>SYNs that the client of <see cref="Deaf"/> has sent: the first, and one more each time that it retried.</summary>
    public uint Unheard
    {
        get
        {
            Span<byte> info = stackalloc byte[TotalRetransmissions + sizeof(uint)];
            _unheard.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpInfo, info);
            return 1 + BitConverter.ToUInt32(info[TotalRetransmissions..]);
        }
    }

    /// <summary>Port of a dual-stack listener with one half-open connection from IPv6 and two from IPv4.</summary>
    public int HalfOpenPort { get; }

    public static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    public Socket Listen(IPAddress address, int backlog)
    {
        var socket = Keep(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            socket.DualMode = address.Equals(IPAddress.IPv6Any);
        }

        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen(backlog);
        return socket;
    }

    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) =>
        code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)operand << 32);

    private static unsafe void Filter(Socket socket, ulong[] program)
    {
        fixed (ulong* instructions = program)
        {
            // struct sock_fprog
            Span<byte> argument = stackalloc byte[16];
            argument.Clear();
            BitConverter.TryWriteBytes(argument, (ushort)program.Length);
            BitConverter.TryWriteBytes(argument[8..], (long)instructions);
            socket.SetRawSocketOption(SolSocket, SoAttachFilter, argument);
        }
    }

    private static void WaitForEnd(Socket socket) => socket.Poll(TimeSpan.FromMinutes(1), SelectMode.SelectRead);

    private (Socket Client, Socket Accepted) Connect(Socket listener, EndPoint? to = null)
    {
        var client = Client(to ?? listener.LocalEndPoint!);
        return (client, Keep(listener.Accept()));
    }

    private Socket Client(EndPoint to)
    {
        var client = Keep(new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        client.Connect(to);
        return client;
    }

    private Socket BeginConnect(EndPoint to)
    {
        var client = Keep(new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        try
        {
            client.Connect(to);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
        }

        return client;
    }

    private Socket Keep(Socket socket)
    {
        _sockets.Add(socket);
        return socket;
    }
}
