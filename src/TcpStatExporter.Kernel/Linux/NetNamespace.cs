using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// A network namespace to read. Every file and socket is opened through it, and opened again through it after an error,
/// whatever thread asks. Its members may be called from several threads at once.
/// </summary>
/// <remarks>
/// The kernel opens sockets, <c>/proc/thread-self/net</c> and <c>/proc/sys/net</c> in the network namespace of the calling
/// thread. For a namespace other than the process's own, the thread changes over for the length of the open (setns(2),
/// which needs CAP_SYS_ADMIN) and comes back to that of the process. What is open then keeps serving its namespace.
/// </remarks>
public sealed class NetNamespace : IDisposable
{
    private const string OwnFile = "/proc/self/ns/net";

    /// <summary>The process's own namespace, to come back to; opened when it is first needed.</summary>
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

    /// <summary>The folder of procfs that shows it: <c>/proc/net</c>.</summary>
    public string Folder { get; }

    /// <summary>The folder of its kernel parameters: <c>/proc/sys</c>.</summary>
    public string SysFolder { get; }

    /// <summary>
    /// Whether a netlink socket can be opened in it. False where the root of procfs shows a namespace that is not the
    /// calling thread's, such as <c>/proc/PID</c>: files can be read through it, and sockets would be another namespace's.
    /// </summary>
    public bool HasNetlink => _open is not null || _handle is not null || ProcNet.IsOfCallingThread(Folder);

    /// <summary>The namespace that a procfs shows.</summary>
    /// <param name="root">Root of procfs, the folder of one process in it, or a copy of either.</param>
    /// <param name="open">Opens a netlink socket in that namespace; by default in the calling thread's, where that is the same.</param>
    public static NetNamespace OfProcfs(string root, NetlinkOpener? open = null) =>
        new(ProcNet.Folder(root), Path.Combine(root, "sys"), open, handle: null);

    /// <summary>Opens a namespace by its file, such as <c>/run/netns/NAME</c>. It lives at least until <see cref="Dispose"/>.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="opened">The namespace.</param>
    /// <param name="errno">Why it cannot be had: of open(2), or of setns(2).</param>
    /// <returns>False where there is no such namespace, or this process may not enter it.</returns>
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

    /// <summary>A file of <see cref="Folder"/>.</summary>
    /// <param name="name">Its name, such as netstat.</param>
    /// <param name="isIterated">The kernel prints it row by row; see <see cref="ProcFile"/>.</param>
    public ProcFile File(string name, bool isIterated = false) => new(Path.Combine(Folder, name), isIterated, this);

    /// <summary>The file of a kernel parameter.</summary>
    /// <param name="name">Its path below <see cref="SysFolder"/>, such as net/core/somaxconn.</param>
    public ProcFile Parameter(string name) => new(Path.Combine(SysFolder, name), isIterated: false, this);

    /// <summary>The sockets of one family.</summary>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for tcp, <see cref="IpFamily.IPv6"/> for tcp6.</param>
    public NetTcpFile Sockets(IpFamily family) => new(Path.Combine(Folder, family == IpFamily.IPv4 ? "tcp" : "tcp6"), family, within: this);

    /// <summary>The UDP sockets of one family.</summary>
    /// <param name="family"><see cref="IpFamily.IPv4"/> for udp, <see cref="IpFamily.IPv6"/> for udp6.</param>
    public NetTcpFile UdpSockets(IpFamily family) => new(Path.Combine(Folder, family == IpFamily.IPv4 ? "udp" : "udp6"), family, within: this, isUdp: true);

    /// <summary>Opens a netlink socket; <see cref="NetlinkSocket.TryOpen"/> tells of the parameters.</summary>
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

    /// <summary>Closes the namespace's file. What was opened through it stays open, and cannot be opened again.</summary>
    public void Dispose() => _handle?.Dispose();

    /// <summary>Takes the calling thread into the namespace. The thread comes back as the visit is disposed, and must not await anything before.</summary>
    /// <param name="visit">To be disposed by the same thread.</param>
    /// <returns>False where the thread may not enter, or the namespace was disposed; the last error of the system call says which.</returns>
    internal bool TryEnter(out Visit visit)
    {
        visit = default;
        if (_handle is null)
        {
            return true;
        }

        if (_handle.IsClosed || Own.Value is null)
        {
            Marshal.SetLastPInvokeError(Errno.ENOENT);
            return false;
        }

        if (Libc.SetNamespace(_handle, Libc.CloneNewNet) != 0)
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
        /// <summary>Brings the thread back, and leaves the last error of the system calls before as it was.</summary>
        public void Dispose()
        {
            if (home is null)
            {
                return;
            }

            var errno = Marshal.GetLastPInvokeError();
            if (Libc.SetNamespace(home, Libc.CloneNewNet) != 0)
            {
                // this thread would go on to read, and publish, what belongs to another namespace
                Environment.FailFast("A thread cannot return to its own network namespace.");
            }

            Marshal.SetLastPInvokeError(errno);
        }
    }
}
