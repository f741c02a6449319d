using System.Runtime.InteropServices;
using static TcpStatExporter.Kernel.Linux.Errno;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Opens NETLINK_SOCK_DIAG sockets in other network namespaces for a daemon without privileges. Only this code needs
/// CAP_SYS_ADMIN and CAP_SYS_PTRACE, and nothing else here touches what a client sends. <see cref="OpenerServer"/> accepts clients.
/// </summary>
/// <remarks>
/// A request is one message on a SOCK_SEQPACKET connection: a byte of 1, with one pidfd (SCM_RIGHTS). The answer is an errno as
/// a little-endian int, and if that is 0, the socket of the namespace of that process. Such a socket lists sockets. To
/// close them (SOCK_DESTROY), its user needs CAP_NET_ADMIN in that namespace, which the daemon does not have.
/// </remarks>
internal sealed unsafe class NetnsOpener : IDisposable
{
    private const byte Version = 1;

    private readonly int _home = Libc.Open("/proc/thread-self/ns/net", Libc.OpenFlags);

    /// <summary>Enters its own namespace: this shows whether it may, and the runtime prepares what a request needs.</summary>
    /// <returns>0 or an errno: EPERM without CAP_SYS_ADMIN.</returns>
    public int Try()
    {
        var error = Enter(_home, out var socket);
        _ = Libc.Close(socket);
        return error;
    }

    /// <summary>
    /// Waits for one message and answers it. Keeps no descriptor that came with it. The thread enters another namespace
    /// meanwhile, so it must not be the first one of the process: <c>/proc/PID/net</c> shows the namespace of that one.
    /// </summary>
    /// <param name="client">The connection.</param>
    /// <returns>False if the client is gone, or silent for longer than the timeout of the connection.</returns>
    public bool Answer(int client)
    {
        // one byte more than a request has
        var data = stackalloc byte[sizeof(int)];
        var vector = new Libc.Vector { Base = data, Length = 2 };
        var rights = default(Libc.Rights);
        var message = new Libc.Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = (nuint)sizeof(Libc.Rights) };
        var length = Libc.ReceiveMessage(client, &message, Libc.MessageCloseOnExec);
        if (length < 0)
        {
            return Marshal.GetLastPInvokeError() == EINTR;
        }

        var hasRights = message.ControlLength >= Libc.Rights.HeaderSize && rights is { Level: Libc.SocketLevel, Type: Libc.ControlRights };
        var files = hasRights ? (int)(rights.Length - Libc.Rights.HeaderSize) / sizeof(int) : 0;
        var isRequest = length == 1 && data[0] == Version && files == 1 && (message.Flags & (Libc.MessageTruncated | Libc.MessageControlTruncated)) == 0;
        var socket = -1;
        var error = isRequest ? Open(rights.Descriptors[0], out socket) : EPROTO;
        for (var i = 0; i < files; i++)
        {
            _ = Libc.Close(rights.Descriptors[i]);
        }

        var isSent = length > 0 && TrySend(client, error, socket);
        if (socket >= 0)
        {
            _ = Libc.Close(socket);
        }

        return isSent;
    }

    private static bool TrySend(int client, int error, int socket)
    {
        var vector = new Libc.Vector { Base = &error, Length = sizeof(int) };
        var rights = new Libc.Rights { Length = Libc.Rights.HeaderSize + sizeof(int), Level = Libc.SocketLevel, Type = Libc.ControlRights };
        rights.Descriptors[0] = socket;
        var message = new Libc.Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = error == 0 ? (nuint)sizeof(Libc.Rights) : 0 };
        return Libc.SendMessage(client, &message, Libc.MessageDontWait | Libc.MessageNoSignal) == sizeof(int);
    }

    private int Open(int process, out int socket)
    {
        // setns(2) also takes files of namespaces. Signal 0 does nothing, and only a pidfd takes it
        socket = -1;
        var sent = Libc.PidfdSendSignal(Libc.PidfdSendSignalNumber, process, signal: 0, info: 0, flags: 0);
        var error = sent == 0 ? 0 : Marshal.GetLastPInvokeError();
        return error is 0 or EPERM ? Enter(process, out socket) : error == EBADF ? EINVAL : error;
    }

    /// <summary>
    /// Opens a socket in another namespace and comes back. Allocates nothing: a thread that the runtime started meanwhile would
    /// stay in that namespace.
    /// </summary>
    private int Enter(int place, out int socket)
    {
        socket = -1;
        if (Libc.SetNamespace(place, Libc.CloneNewNet) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        socket = Libc.SocketDescriptor(Libc.AddressFamilyNetlink, Libc.SocketRaw | Libc.SocketCloseOnExec, Libc.NetlinkSockDiag);
        var error = socket < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (Libc.SetNamespace(_home, Libc.CloneNewNet) != 0)
        {
            Environment.FailFast("The opener cannot return to its own network namespace.");
        }

        return error;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(_home);
}
