using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A network namespace to read. Every file and socket is opened, and reopened after an error, through this object, from any
/// thread. Thread-safe.
/// </summary>
/// <remarks>
/// The kernel opens sockets, <c>/proc/thread-self/net</c> and <c>/proc/sys/net</c> in the network namespace of the calling
/// thread. To open something in another namespace, the thread enters that namespace (setns(2), needs CAP_SYS_ADMIN), opens
/// it, and returns to the namespace of the process. An open file or socket keeps serving the namespace it was opened in.
/// </remarks>
public sealed class NetNamespace : IDisposable
{
    private const string OwnFile = "/proc/self/ns/net";

    /// <summary>The namespace of the process, which a thread returns to. Opened on first use.</summary>
    private static readonly Lazy<SafeFileHandle?> Own = new(() => Open(OwnFile, out _));

    private readonly NetlinkOpener? _open;
    private readonly SafeFileHandle? _handle;

    private NetNamespace(string folder, string sys, NetlinkOpener? open, SafeFileHandle? handle)
    {
        Folder = folder;
        SysFolder = sys;
        _open = open;
        _handle = handle;
    }

    /// <summary>The procfs directory that shows this namespace, such as <c>/proc/net</c>.</summary>
    public string Folder { get; }

    /// <summary>The directory of its kernel parameters, such as <c>/proc/sys</c>.</summary>
    public string SysFolder { get; }

    /// <summary>
    /// True if a netlink socket can be opened in this namespace. False if the procfs root shows a namespace other than the
    /// calling thread's, such as <c>/proc/PID</c>: its files can be read, but a socket would belong to the wrong namespace.
    /// </summary>
    public bool HasNetlink => _open is not null || _handle is not null || ProcNet.IsOfCallingThread(Folder);

    /// <summary>Returns the namespace that a procfs shows.</summary>
    /// <param name="root">Root of procfs, the directory of one process in it, or a copy of either.</param>
    /// <param name="open">
    /// Opens a netlink socket in that namespace. By default the socket is opened in the calling thread's namespace, if that
    /// is the same one.
    /// </param>
    public static NetNamespace OfProcfs(string root, NetlinkOpener? open = null) =>
        new(ProcNet.Folder(root), Path.Combine(root, "sys"), open, handle: null);

    /// <summary>
    /// Opens a namespace by its file, such as <c>/run/netns/NAME</c>. The namespace stays alive at least until <see
    /// cref="Dispose"/>.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="opened">The namespace.</param>
    /// <param name="errno">The errno of open(2) or setns(2).</param>
    /// <returns>False if there is no such namespace, or if this process may not enter it.</returns>
    public static bool TryOpen(string path, [NotNullWhen(true)] out NetNamespace? opened, out int errno)
    {
        opened = null;
        if (Open(path, out errno) is not { } handle)
        {
            return false;
        }

        var candidate = new NetNamespace("/proc/thread-self/net", "/proc/sys", open: null, handle);
        if (!candidate.TryEnter(out var visit))
        {
            errno = Marshal.GetLastPInvokeError();
            candidate.Dispose();
            return false;
        }

        visit.Dispose();
        opened = candidate;
        return true;
    }

    /// <summary>Returns a file in <see cref="Folder"/>.</summary>
    /// <param name="name">Its name, such as netstat.</param>
    /// <param name="isIterated">The kernel prints it row by row. See <see cref="ProcFile"/>.</param>
    public ProcFile File(string name, bool isIterated = false) => new(Path.Combine(Folder, name), isIterated, this);

    /// <summary>Returns the file of a kernel parameter.</summary>
    /// <param name="name">Its path below <see cref="SysFolder"/>, such as net/core/somaxconn.</param>
    public ProcFile Parameter(string name) => new(Path.Combine(SysFolder, name), isIterated: false, this);

    /// <summary>Returns the TCP sockets of one address family.</summary>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for tcp, <see cref="IpFamily.IPv6"/> for tcp6.</param>
    public NetTcpFile Sockets(IpFamily family) => new(Path.Combine(Folder, family == IpFamily.IPv4 ? "tcp" : "tcp6"), family, within: this);

    /// <summary>Returns the UDP sockets of one address family.</summary>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for udp, <see cref="IpFamily.IPv6"/> for udp6.</param>
    public NetTcpFile UdpSockets(IpFamily family) => new(Path.Combine(Folder, family == IpFamily.IPv4 ? "udp" : "udp6"), family, within: this, isUdp: true);

    /// <summary>Opens a netlink socket. For the parameters, see <see cref="NetlinkSocket.TryOpen"/>.</summary>
    /// <inheritdoc cref="NetlinkSocket.TryOpen"/>
    public bool TryOpenNetlink([NotNullWhen(true)] out NetlinkSocket? socket, out ReadResult result, out int errno)
    {
        if (_open is not null)
        {
            return _open(out socket, out result, out errno);
        }

        if (!TryEnter(out var visit))
        {
            errno = Marshal.GetLastPInvokeError();
            (socket, result) = (null, ReadResult.Failed(SourceError.PermissionDenied));
            return false;
        }

        using (visit)
        {
            return NetlinkSocket.TryOpen(out socket, out result, out errno);
        }
    }

    /// <summary>Closes the namespace's file. Files and sockets opened through it stay open, but cannot be reopened.</summary>
    public void Dispose() => _handle?.Dispose();

    /// <summary>
    /// Moves the calling thread into the namespace. Disposing the visit moves it back. The thread must not await anything in
    /// between.
    /// </summary>
    /// <param name="visit">The same thread has to dispose it.</param>
    /// <returns>False if the thread may not enter, or if the namespace was disposed. The last system call error says which.</returns>
    internal bool TryEnter(out Visit visit)
    {
        visit = default;
        if (_handle is null)
        {
            return true;
        }

        if (_handle.IsClosed)
        {
            Marshal.SetLastPInvokeError(Errno.ENOENT);
            return false;
        }

        return TryEnter(_handle, out visit);
    }

    /// <summary>True if this process may enter network namespaces.</summary>
    internal static bool MayEnter => Own.Value is { } own && Libc.SetNamespace(own, Libc.CloneNewNet) == 0;

    /// <summary>Moves the calling thread into another namespace. Disposing the visit moves it back.</summary>
    /// <param name="place">The file of a namespace, or a pidfd of a process in it (Linux 5.8).</param>
    /// <param name="visit">The same thread has to dispose it.</param>
    /// <returns>False if the thread may not enter, or if the process has ended. The last system call error says which.</returns>
    internal static bool TryEnter(SafeHandle place, out Visit visit)
    {
        visit = default;
        if (Own.Value is null)
        {
            Marshal.SetLastPInvokeError(Errno.ENOENT);
            return false;
        }

        if (Libc.SetNamespace(place, Libc.CloneNewNet) != 0)
        {
            return false;
        }

        visit = new Visit(Own.Value);
        return true;
    }

    private static SafeFileHandle? Open(string path, out int errno)
    {
        var descriptor = Libc.Open(path, Libc.OpenFlags);
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>A thread's stay in another network namespace.</summary>
    internal readonly ref struct Visit(SafeFileHandle? home)
    {
        /// <summary>Moves the thread back and preserves the last system call error.</summary>
        public void Dispose()
        {
            if (home is null)
            {
                return;
            }

            var errno = Marshal.GetLastPInvokeError();
            if (Libc.SetNamespace(home, Libc.CloneNewNet) != 0)
            {
                // otherwise this thread would read and publish data of another namespace
                Environment.FailFast("A thread cannot return to its own network namespace.");
            }

            Marshal.SetLastPInvokeError(errno);
        }
    }
}
