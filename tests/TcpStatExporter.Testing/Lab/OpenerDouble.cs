using System.Net.Sockets;
using TcpStatExporter.Kernel.Linux;
using KernelLibc = TcpStatExporter.Kernel.Linux.Libc;

namespace TcpStatExporter.Testing.Lab;

/// <summary>An opener that answers as a test wants it to.</summary>
internal sealed unsafe class OpenerDouble : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly List<Socket> _silenced = [];
    private readonly Thread _thread;
    private volatile OpenerAnswer _answer;
    private int _kept = -1;
    private int _requests;
    private int _connections;

    /// <summary>Starts it.</summary>
    /// <param name="path">Path of its socket. Any user may connect.</param>
    /// <param name="answer">How it answers.</param>
    public OpenerDouble(string path, OpenerAnswer answer = OpenerAnswer.Honest)
    {
        Path = path;
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        _listener.Listen();
        _thread = new Thread(Serve) { IsBackground = true, Name = "opener" };
        _thread.Start();
    }

    /// <summary>Path of its socket.</summary>
    public string Path { get; }

    /// <summary>How it answers from now on.</summary>
    public OpenerAnswer Answer
    {
        get => _answer;
        set => _answer = value;
    }

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        // dispose alone does not end a running accept(2) of another thread on every system
        _listener.Close();
        _thread.Join();
        _silenced.ForEach(client => client.Dispose());
        _ = KernelLibc.Close(_kept);
        File.Delete(Path);
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                var client = _listener.Accept();
                Interlocked.Increment(ref _connections);
                if (_answer == OpenerAnswer.Silence)
                {
                    _silenced.Add(client);
                    continue;
                }

                using (client)
                {
                    while (_answer != OpenerAnswer.HangUp && TryServe((int)client.Handle))
                    {
                    }
                }
            }
        }
        catch (SocketException)
        {
            // disposed
        }
        catch (ObjectDisposedException)
        {
            // disposed
        }
    }

    private bool TryServe(int client)
    {
        byte version;
        var vector = new KernelLibc.Vector { Base = &version, Length = 1 };
        var rights = default(KernelLibc.Rights);
        var message = new KernelLibc.Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = (nuint)sizeof(KernelLibc.Rights) };
        if (KernelLibc.ReceiveMessage(client, &message, KernelLibc.MessageCloseOnExec) <= 0)
        {
            return false;
        }

        Interlocked.Increment(ref _requests);
        var pidfd = rights.Descriptors[0];
        var (errno, first, second) = _answer switch
        {
            OpenerAnswer.Refusal => (1, -1, -1),
            OpenerAnswer.NoDescriptor => (0, -1, -1),
            OpenerAnswer.TwoDescriptors => (0, Open(pidfd), Open(pidfd)),
            OpenerAnswer.OtherDescriptor => (0, KernelLibc.Open("/dev/null", KernelLibc.OpenFlags), -1),
            OpenerAnswer.OwnNamespace => (0, Open(), -1),
            OpenerAnswer.SameNamespace => (0, Open(_kept < 0 ? pidfd : _kept), -1),
            _ => Open(pidfd) is var socket and >= 0 ? (0, socket, -1) : (Errno.ESRCH, -1, -1),
        };
        if (_answer == OpenerAnswer.SameNamespace && _kept < 0)
        {
            _kept = pidfd;
        }
        else
        {
            _ = KernelLibc.Close(pidfd);
        }

        var data = stackalloc int[2];
        data[0] = errno;
        var out1 = new KernelLibc.Vector { Base = data, Length = _answer == OpenerAnswer.TooLong ? sizeof(long) : (nuint)sizeof(int) };
        var count = (first >= 0 ? 1 : 0) + (second >= 0 ? 1 : 0);
        var handed = new KernelLibc.Rights { Length = (nuint)(KernelLibc.Rights.HeaderSize + (count * sizeof(int))), Level = KernelLibc.SocketLevel, Type = KernelLibc.ControlRights };
        handed.Descriptors[0] = first;
        handed.Descriptors[1] = second;
        var reply = new KernelLibc.Message { Vectors = &out1, VectorCount = 1, Control = &handed, ControlLength = count > 0 ? (nuint)sizeof(KernelLibc.Rights) : 0 };
        var sent = KernelLibc.SendMessage(client, &reply, KernelLibc.MessageNoSignal);
        _ = KernelLibc.Close(first);
        _ = KernelLibc.Close(second);
        return sent > 0;
    }

    private static int Open(int? pidfd = null)
    {
        using var home = File.OpenHandle("/proc/thread-self/ns/net");
        if (pidfd is { } process)
        {
            using var place = new Microsoft.Win32.SafeHandles.SafeFileHandle(process, ownsHandle: false);
            if (KernelLibc.SetNamespace(place, KernelLibc.CloneNewNet) != 0)
            {
                return -1;
            }
        }

        using var socket = KernelLibc.Socket(KernelLibc.AddressFamilyNetlink, KernelLibc.SocketRaw | KernelLibc.SocketCloseOnExec, KernelLibc.NetlinkSockDiag);
        Libc.Check(KernelLibc.SetNamespace(home, KernelLibc.CloneNewNet), "setns");
        var descriptor = (int)socket.DangerousGetHandle();
        socket.SetHandleAsInvalid();
        return descriptor;
    }
}
