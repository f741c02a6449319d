using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using KernelLibc = TcpStatExporter.Kernel.Linux.Libc;

namespace TcpStatExporter.Testing.Lab;

/// <summary>A client of the opener that can also send what no real client would.</summary>
internal sealed unsafe class OpenerConnection : IDisposable
{
    /// <summary>SCM_MAX_FD: the most descriptors in one message.</summary>
    public const int MaxFiles = 253;

    private const int TimeoutMilliseconds = 60_000;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = TimeoutMilliseconds };

    /// <summary>Connects.</summary>
    /// <param name="path">The opener's socket.</param>
    public OpenerConnection(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    /// <summary>A pidfd.</summary>
    /// <param name="process">The process.</param>
    public static SafeFileHandle Open(int process) =>
        new((nint)Libc.Check((nint)KernelLibc.PidfdOpen(KernelLibc.PidfdOpenNumber, process, flags: 0), "pidfd_open"), ownsHandle: true);

    /// <summary>Asks as a client should.</summary>
    /// <param name="process">The process.</param>
    /// <param name="socket">The socket of its network namespace; null after an error.</param>
    /// <returns>The opener's errno.</returns>
    public int Ask(int process, out SafeFileHandle? socket)
    {
        using var pidfd = Open(process);
        Send([1], pidfd);
        return Receive(out socket)!.Value;
    }

    /// <summary>Sends a message.</summary>
    /// <param name="data">Its bytes.</param>
    /// <param name="files">Descriptors to send with it. The same one may be sent several times.</param>
    public void Send(byte[] data, params SafeFileHandle[] files)
    {
        var control = new byte[sizeof(KernelLibc.Rights) + (MaxFiles * sizeof(int))];
        var length = KernelLibc.Rights.HeaderSize + (files.Length * sizeof(int));
        MemoryMarshal.Write(control, new KernelLibc.Rights { Length = (nuint)length, Level = KernelLibc.SocketLevel, Type = KernelLibc.ControlRights });
        for (var i = 0; i < files.Length; i++)
        {
            MemoryMarshal.Write(control.AsSpan(KernelLibc.Rights.HeaderSize + (i * sizeof(int))), (int)files[i].DangerousGetHandle());
        }

        fixed (byte* start = control, text = data)
        {
            var vector = new KernelLibc.Vector { Base = text, Length = (nuint)data.Length };
            var message = new KernelLibc.Message { Vectors = &vector, VectorCount = 1, Control = files.Length > 0 ? start : null, ControlLength = files.Length > 0 ? (nuint)length : 0 };
            Libc.Check(KernelLibc.SendMessage((int)_socket.Handle, &message, KernelLibc.MessageNoSignal), "sendmsg");
        }
    }

    /// <summary>Receives an answer.</summary>
    /// <param name="socket">The socket that came with it.</param>
    /// <returns>The errno; null if the opener hung up.</returns>
    public int? Receive(out SafeFileHandle? socket)
    {
        int answer;
        var vector = new KernelLibc.Vector { Base = &answer, Length = sizeof(int) };
        var rights = default(KernelLibc.Rights);
        var message = new KernelLibc.Message { Vectors = &vector, VectorCount = 1, Control = &rights, ControlLength = (nuint)sizeof(KernelLibc.Rights) };
        var length = Libc.Check(KernelLibc.ReceiveMessage((int)_socket.Handle, &message, KernelLibc.MessageCloseOnExec), "recvmsg");
        socket = message.ControlLength > 0 ? new SafeFileHandle(rights.Descriptors[0], ownsHandle: true) : null;
        return length == sizeof(int) ? answer : null;
    }

    public void Dispose() => _socket.Dispose();
}
