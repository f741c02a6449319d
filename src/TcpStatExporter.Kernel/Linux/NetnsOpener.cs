using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static TcpStatExporter.Kernel.Linux.Errno;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// Opens NETLINK_SOCK_DIAG sockets in other network namespaces for a daemon without privileges. This is the only code that
/// runs with CAP_SYS_ADMIN and CAP_SYS_PTRACE, so it does nothing else.
/// </summary>
/// <remarks>
/// A request is one message on a SOCK_SEQPACKET connection: a byte of 1, with one pidfd (SCM_RIGHTS). The answer is an errno as
/// a little-endian int, and if that is 0, the socket of the namespace of that process. Such a socket lists sockets. To
/// close them (SOCK_DESTROY), its user needs CAP_NET_ADMIN in that namespace, which the daemon does not have.
/// </remarks>
/// <param name="unit">Unit in system.slice whose processes may ask. Null: none.</param>
/// <param name="user">User who may ask in addition to root and the opener's own. Null: none.</param>
/// <param name="refused">Told pid and user of a refused client, at most once in ten seconds.</param>
public sealed unsafe class NetnsOpener(string? unit, uint? user, Action<int, uint> refused) : IDisposable
{
    /// <summary>Where daemon and opener meet if nothing else is configured.</summary>
    public const string DefaultPath = "/run/tcpstat-exporter-opener.sock";

    private const byte Version = 1;
    private const int MaxClients = 8;
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly OpenerClients _clients = new(unit, user);
    private readonly int _home = Libc.Open("/proc/thread-self/ns/net", Libc.OpenFlags);
    private long _lastRefused = -1;

    /// <summary>Creates the socket, for user and group only. Replaces one that nobody listens on any more.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="descriptor">Its descriptor.</param>
    /// <returns>Removes the socket when disposed.</returns>
    /// <exception cref="SocketException">It cannot be created, or somebody listens there.</exception>
    [SuppressMessage("Interoperability", "CA1416:Validate platform compatibility", Justification = "It runs on Linux alone.")]
    public static IDisposable Listen(string path, out int descriptor)
    {
        var address = new UnixDomainSocketEndPoint(path);
        using (var other = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified))
        {
            try
            {
                other.Connect(address);
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && FileStamp.Of(path).IsSocket)
            {
                File.Delete(path);
            }
            catch (SocketException e) when (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
            {
                // nothing is there, or bind(2) says what
            }
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        listener.Bind(address);
        File.SetUnixFileMode(path, OwnerAndGroup);
        listener.Listen();
        descriptor = (int)listener.Handle;
        return listener;
    }

    /// <summary>Serves clients. The calling thread enters other namespaces, so it must not be the first one of the process.</summary>
    /// <param name="listener">The listening socket.</param>
    /// <param name="idle">Return after this time without a client. Null: never.</param>
    /// <returns>0 after that time, or the errno of what failed: EPERM without CAP_SYS_ADMIN.</returns>
    public int Serve(int listener, TimeSpan? idle)
    {
        // shows whether it may, and has the runtime prepare all that is needed
        if (Enter(_home, out var own) is not 0 and var denied)
        {
            return denied;
        }

        _ = Libc.Close(own);
        var polled = stackalloc Libc.PollFd[MaxClients + 1];
        var heard = stackalloc long[MaxClients];
        var count = 0;
        var busy = Stopwatch.GetTimestamp();
        while (count > 0 || idle is null || Stopwatch.GetElapsedTime(busy) < idle)
        {
            // poll(2) skips -1: with all places taken, new clients wait
            polled[count] = new Libc.PollFd { Descriptor = count < MaxClients ? listener : -1, Events = Libc.PollIn };
            if (Libc.Poll(ref *polled, (nuint)(count + 1), count > 0 || idle is not null ? (int)Look.TotalMilliseconds : -1) < 0)
            {
                if (Marshal.GetLastPInvokeError() != EINTR)
                {
                    return Marshal.GetLastPInvokeError();
                }

                continue;
            }

            var isCalled = polled[count].ReturnedEvents != 0;
            var now = Stopwatch.GetTimestamp();
            for (var i = count - 1; i >= 0; i--)
            {
                var isGone = polled[i].ReturnedEvents == 0 ? Stopwatch.GetElapsedTime(heard[i], now) > Silence : !TryAnswer(polled[i].Descriptor);
                heard[i] = polled[i].ReturnedEvents == 0 ? heard[i] : now;
                busy = now;
                if (isGone)
                {
                    _ = Libc.Close(polled[i].Descriptor);
                    count--;
                    (polled[i], heard[i]) = (polled[count], heard[count]);
                }
            }

            if (isCalled)
            {
                var client = Libc.Accept(listener, 0, 0, Libc.SocketCloseOnExec);
                if (client < 0)
                {
                    // such as a system without free files: to go on would keep a processor busy
                    return Marshal.GetLastPInvokeError();
                }

                if (_clients.Admits(client, out var who))
                {
                    (polled[count].Descriptor, heard[count]) = (client, now);
                    polled[count++].Events = Libc.PollIn;
                }
                else
                {
                    _ = Libc.Close(client);
                    Report(who);
                }
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(_home);

    /// <summary>Answers one message. Keeps no descriptor that came with it.</summary>
    /// <returns>False if the client is gone.</returns>
    private bool TryAnswer(int client)
    {
        // one byte more than a request has
        var data = stackalloc byte[sizeof(int)];
        var vector = new Libc.Vector { Base = data, Length = 2 };
        var rights = default(Libc.Rights);
        var message = new Libc.Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = (nuint)sizeof(Libc.Rights) };
        var length = Libc.ReceiveMessage(client, &message, Libc.MessageCloseOnExec | Libc.MessageDontWait);
        if (length < 0)
        {
            return Marshal.GetLastPInvokeError() is EAGAIN or EINTR;
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

    private void Report(in Libc.Credentials client)
    {
        if (_lastRefused < 0 || Stopwatch.GetElapsedTime(_lastRefused) > LogPause)
        {
            _lastRefused = Stopwatch.GetTimestamp();
            refused(client.Process, client.User);
        }
    }
}
