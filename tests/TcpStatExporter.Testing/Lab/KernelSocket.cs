using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Testing.Lab;

/// <summary>
/// A TCP socket that does exactly what is called, while <see cref="Socket"/> sets options, shuts down and lingers on its own.
/// It belongs to the network namespace of the thread that created it, wherever it is used later. Blocking calls give up after
/// a minute.
/// </summary>
internal sealed unsafe class KernelSocket : SafeHandleMinusOneIsInvalid
{
    private const int TimeoutSeconds = 60;
    private const int AddressBytes = 28;

    public KernelSocket()
        : base(ownsHandle: true)
    {
    }

    /// <summary>State from TCP_INFO.</summary>
    public TcpState State
    {
        get
        {
            TcpState state;
            var length = 1;
            Libc.Check(Libc.GetOption(this, Libc.IpProtoTcp, Libc.TcpInfo, &state, ref length), "getsockopt");
            return state;
        }
    }

    /// <summary>Bound address and port.</summary>
    public IPEndPoint LocalEndPoint
    {
        get
        {
            var bytes = stackalloc byte[AddressBytes];
            var length = AddressBytes;
            Libc.Check(Libc.GetSocketName(this, bytes, ref length), "getsockname");
            var address = new SocketAddress((AddressFamily)NetFamily(*(ushort*)bytes), length);
            new ReadOnlySpan<byte>(bytes, length).CopyTo(address.Buffer.Span);
            return (IPEndPoint)new IPEndPoint(address.Family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0).Create(address);
        }
    }

    /// <summary>Creates a blocking TCP socket.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    public static KernelSocket Tcp(AddressFamily family = AddressFamily.InterNetwork) => Open(family, flags: 0);

    /// <summary>Creates a listener on a port that the kernel chooses.</summary>
    /// <param name="address">Address to listen on. :: accepts IPv4 too.</param>
    /// <param name="backlog">Limit of the accept queue, passed to listen(2).</param>
    /// <param name="port">Port. With 0, the kernel chooses one.</param>
    public static KernelSocket Listener(IPAddress address, int backlog, int port = 0)
    {
        var socket = Tcp(address.AddressFamily);
        try
        {
            socket.SetOption(Libc.SolSocket, Libc.SoReuseAddr, 1);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.SetOption(Libc.IpProtoIPv6, Libc.IPv6Only, 0);
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Creates a socket with a running or completed connect(2). Does not wait for the handshake.</summary>
    /// <param name="remote">Address to connect to.</param>
    public static KernelSocket Connecting(IPEndPoint remote)
    {
        var socket = Open(remote.AddressFamily, Libc.SockNonBlock);
        var error = socket.TryConnect(remote);
        if (error is not (0 or Libc.EInProgress))
        {
            socket.Dispose();
            throw new Win32Exception(error, $"connect: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return socket;
    }

    /// <summary>Creates a connected socket.</summary>
    /// <param name="remote">Address to connect to.</param>
    public static KernelSocket Connected(IPEndPoint remote)
    {
        var socket = Tcp(remote.AddressFamily);
        var error = socket.TryConnect(remote);
        if (error != 0)
        {
            socket.Dispose();
            throw new Win32Exception(error, $"connect: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return socket;
    }

    /// <summary>Creates a raw IPv4 socket. Its packets contain their own IP header.</summary>
    public static KernelSocket Raw()
    {
        var socket = Libc.Socket(Libc.AfInet, Libc.SockRaw | Libc.SockCloseOnExec, Libc.IpProtoRaw);
        Libc.Check(socket.handle, "socket");
        return socket;
    }

    public void Bind(IPEndPoint local)
    {
        fixed (byte* address = local.Serialize().Buffer.Span)
        {
            Libc.Check(Libc.Bind(this, address, AddressLength(local)), "bind");
        }
    }

    /// <summary>Stops listening but keeps the socket: shutdown(2) of a listener.</summary>
    public void StopListening() => Libc.Check(Libc.Shutdown(this, Libc.ShutRead), "shutdown");

    public void Listen(int backlog) => Libc.Check(Libc.Listen(this, backlog), "listen");

    /// <summary>connect(2).</summary>
    /// <param name="remote">Address to connect to.</param>
    /// <returns>0 or an errno.</returns>
    public int TryConnect(IPEndPoint remote)
    {
        fixed (byte* address = remote.Serialize().Buffer.Span)
        {
            return Libc.Connect(this, address, AddressLength(remote)) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Accepts the oldest connection in the accept queue. Waits if there is none.</summary>
    public KernelSocket Accept()
    {
        var accepted = Libc.Accept(this, 0, 0, Libc.SockCloseOnExec);
        Libc.Check(accepted.handle, "accept");
        return accepted;
    }

    public void Send(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            Libc.Check(Libc.SendTo(this, start, data.Length, Libc.MsgNoSignal, null, 0), "send");
        }
    }

    /// <summary>
    /// Sends a whole packet (raw socket), or data in the SYN of a Fast Open (TCP, <see cref="Libc.MsgFastOpen"/>).
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="remote">The destination.</param>
    /// <param name="flags">Flags of sendto(2).</param>
    public void SendTo(ReadOnlySpan<byte> data, IPEndPoint remote, int flags = 0)
    {
        fixed (byte* start = data)
        fixed (byte* address = remote.Serialize().Buffer.Span)
        {
            Libc.Check(Libc.SendTo(this, start, data.Length, flags | Libc.MsgNoSignal, address, AddressLength(remote)), "sendto");
        }
    }

    /// <summary>Waits until there is data to read, and leaves it unread.</summary>
    public void WaitForData()
    {
        byte one;
        Libc.Check(Libc.Receive(this, &one, 1, Libc.MsgPeek), "recv");
    }

    /// <summary>Reads until this many bytes have arrived.</summary>
    /// <param name="count">Number of bytes.</param>
    /// <exception cref="EndOfStreamException">The peer closed earlier.</exception>
    public void ReceiveAll(int count)
    {
        var buffer = stackalloc byte[4096];
        while (count > 0)
        {
            var received = Libc.Check(Libc.Receive(this, buffer, Math.Min(count, 4096), flags: 0), "recv");
            count -= received > 0 ? (int)received : throw new EndOfStreamException();
        }
    }

    /// <summary>Waits until the socket is in a state.</summary>
    /// <param name="state">The state.</param>
    public void WaitFor(TcpState state) => Wait.Until(() => State == state, () => $"socket in {state}, is {State}");

    /// <summary>Sends a FIN and keeps the descriptor open.</summary>
    public void ShutdownSend() => Libc.Check(Libc.Shutdown(this, Libc.ShutWrite), "shutdown");

    /// <summary>Sends a RST and closes the descriptor: SO_LINGER with zero time.</summary>
    public void Reset()
    {
        var linger = stackalloc int[2] { 1, 0 };
        Libc.Check(Libc.SetOption(this, Libc.SolSocket, Libc.SoLinger, linger, 2 * sizeof(int)), "setsockopt");
        Dispose();
    }

    /// <summary>From now on, this socket and those accepted from it receive only what the filter lets through.</summary>
    /// <param name="filter">The filter.</param>
    public void Attach(SocketFilter filter) => SetProgram(Libc.SoAttachFilter, filter);

    /// <summary>Removes the filter.</summary>
    public void DetachFilter() => SetOption(Libc.SolSocket, Libc.SoDetachFilter, 0);

    /// <summary>
    /// Lets <paramref name="selector"/> choose the socket in this socket's SO_REUSEPORT group, by the order in which they
    /// joined.
    /// </summary>
    /// <param name="selector">The program.</param>
    public void SelectByProgram(SocketFilter selector) => SetProgram(Libc.SoAttachReusePortCbpf, selector);

    /// <summary>SO_BINDTODEVICE.</summary>
    /// <param name="device">Name of the interface.</param>
    public void BindToDevice(string device)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(device))
        {
            Libc.Check(Libc.SetOption(this, Libc.SolSocket, Libc.SoBindToDevice, name, device.Length), "setsockopt");
        }
    }

    public void SetOption(int level, int name, int value) =>
        Libc.Check(Libc.SetOption(this, level, name, &value, sizeof(int)), "setsockopt");

    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;

    private static KernelSocket Open(AddressFamily family, int flags)
    {
        var number = family == AddressFamily.InterNetworkV6 ? Libc.AfInet6 : Libc.AfInet;
        var socket = Libc.Socket(number, Libc.SockStream | Libc.SockCloseOnExec | flags, 0);
        Libc.Check(socket.handle, "socket");
        var timeout = stackalloc long[2] { TimeoutSeconds, 0 };
        Libc.Check(Libc.SetOption(socket, Libc.SolSocket, Libc.SoReceiveTimeout, timeout, 2 * sizeof(long)), "setsockopt");
        Libc.Check(Libc.SetOption(socket, Libc.SolSocket, Libc.SoSendTimeout, timeout, 2 * sizeof(long)), "setsockopt");
        return socket;
    }

    private static AddressFamily NetFamily(ushort number) =>
        number == Libc.AfInet6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    private static int AddressLength(IPEndPoint endpoint) => endpoint.Serialize().Size;

    private void SetProgram(int option, SocketFilter filter)
    {
        fixed (SocketFilter.Instruction* start = filter.Program)
        {
            var program = new Program { Length = (ushort)filter.Program.Length, Start = start };
            Libc.Check(Libc.SetOption(this, Libc.SolSocket, option, &program, sizeof(Program)), "setsockopt");
        }
    }

    /// <summary>struct sock_fprog.</summary>
    private struct Program
    {
        public ushort Length;
        public SocketFilter.Instruction* Start;
    }
}
