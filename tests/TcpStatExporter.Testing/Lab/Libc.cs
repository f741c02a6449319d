using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TcpStatExporter.Testing.Lab;

/// <summary>System calls that the tests make directly, so each fault is exactly what its code says.</summary>
internal static unsafe partial class Libc
{
    public const int CloneNewNet = 0x4000_0000;

    public const int AfInet = 2;
    public const int AfInet6 = 10;
    public const int SockStream = 1;
    public const int SockRaw = 3;
    public const int SockNonBlock = 0x800;
    public const int SockCloseOnExec = 0x8_0000;
    public const int IpProtoTcp = 6;
    public const int IpProtoIPv6 = 41;
    public const int IpProtoRaw = 255;

    public const int SolSocket = 1;
    public const int SoLinger = 13;
    public const int SoReuseAddr = 2;
    public const int SoReceiveBuffer = 8;
    public const int SoReceiveTimeout = 20;
    public const int SoSendTimeout = 21;
    public const int SoReusePort = 15;
    public const int SoBindToDevice = 25;
    public const int SoAttachFilter = 26;
    public const int SoSendBufferForce = 32;
    public const int SoDetachFilter = 27;
    public const int SoAttachReusePortCbpf = 51;
    public const int TcpNoDelay = 1;
    public const int TcpDeferAccept = 9;
    public const int TcpInfo = 11;
    public const int TcpFastOpen = 23;
    public const int IPv6Only = 26;

    public const int ShutRead = 0;
    public const int ShutWrite = 1;
    public const int MsgPeek = 0x2;
    public const int MsgNoSignal = 0x4000;
    public const int MsgFastOpen = 0x2000_0000;

    public const int EAddrNotAvail = 99;
    public const int EConnRefused = 111;
    public const int EInProgress = 115;

    public const int SigHup = 1;
    public const int SigKill = 9;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    public const long PtraceSeize = 0x4206;
    public const long PtraceInterrupt = 0x4207;

    private const int RLimitNoFile = 7;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(SafeFileHandle handle, int type);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    public static partial long Trace(long request, int thread, nint address, nint data);

    /// <summary>The calling thread, if which and who are 0.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetPriority(int which, int who, int priority);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial KernelSocket Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(KernelSocket socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(KernelSocket socket, int backlog);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(KernelSocket socket, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial KernelSocket Accept(KernelSocket socket, nint address, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(KernelSocket socket, byte* address, ref int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(KernelSocket socket, int level, int name, void* value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(KernelSocket socket, int level, int name, void* value, ref int length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(KernelSocket socket, int how);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(KernelSocket socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(KernelSocket socket, byte* buffer, nint length, int flags, byte* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(nint descriptor);

    /// <summary>Replaces a file with another one. Replaces a link itself, not its target.</summary>
    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    /// <summary>Throws the kernel's error if a call failed.</summary>
    /// <param name="result">Result of the call. Negative for a failure.</param>
    /// <param name="call">Name of the call.</param>
    public static nint Check(nint result, string call)
    {
        if (result < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"{call}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return result;
    }

    /// <summary>
    /// Allows this process to hold <paramref name="count"/> descriptors. Above the hard limit this needs CAP_SYS_RESOURCE.
    /// </summary>
    /// <param name="count">Number of descriptors.</param>
    /// <returns>False if that is not permitted.</returns>
    public static bool TryAllowDescriptors(int count)
    {
        Limit limit;
        Check(GetLimit(RLimitNoFile, &limit), "getrlimit");
        if (limit.Soft >= (ulong)count)
        {
            return true;
        }

        limit.Soft = (ulong)count;
        limit.Hard = Math.Max(limit.Hard, limit.Soft);
        return SetLimit(RLimitNoFile, &limit) == 0;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, Limit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, Limit* limit);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
