using System.Diagnostics.CodeAnalysis;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>A netlink socket. Opened on first use, and reopened after a reply that was not read to its end.</summary>
/// <param name="net">The network namespace.</param>
/// <param name="stopping">Stops a dump early, as if it were complete. Its result must not be published.</param>
/// <param name="patience">Time limit for a dump. Default: that of <see cref="NetlinkSocket.Timeout"/>.</param>
internal sealed class SockDiagConnection(NetNamespace net, CancellationToken stopping, TimeSpan? patience = null) : IDisposable
{
    private NetlinkSocket? _socket;

    /// <summary>Returns true if the kernel lets this process request sockets at all.</summary>
    /// <param name="net">The network namespace.</param>
    /// <param name="error">Why not.</param>
    /// <param name="errno">The kernel's error.</param>
    public static bool Probe(NetNamespace net, out SourceError error, out int errno)
    {
        error = SourceError.None;
        if (!net.TryOpenNetlink(out var socket, out var opened, out errno))
        {
            error = opened.Error;
            return false;
        }

        using (socket)
        {
            var nobody = default(Discard);
            var dump = socket.Dump(InetDiagRequest.Listeners, ref nobody);
            error = dump.Result.Error;
            errno = dump.Errno;
            return dump.IsOk;
        }
    }

    /// <summary>
    /// Requests sockets. If the kernel marks a dump as interrupted (NLM_F_DUMP_INTR: its table changed, so sockets may be
    /// missing or reported twice), requests them once more.
    /// </summary>
    /// <param name="request">Which sockets.</param>
    /// <param name="visitor">Receives the sockets, after <paramref name="reset"/>.</param>
    /// <param name="reset">Makes the visitor forget an earlier attempt.</param>
    /// <param name="state">Passed to <paramref name="reset"/>.</param>
    /// <typeparam name="TVisitor">A struct, so the call is inlined. It stores its data elsewhere.</typeparam>
    /// <typeparam name="TState">The argument type of <paramref name="reset"/>.</typeparam>
    /// <returns>Read, read in spite of <see cref="SourceError.Interrupted"/>, or failed.</returns>
    public ReadResult Dump<TVisitor, TState>(in InetDiagRequest request, TVisitor visitor, Action<TState> reset, TState state)
        where TVisitor : struct, ITcpSocketVisitor
    {
        var stoppable = new Stoppable<TVisitor>(visitor, stopping);
        reset(state);
        var result = Dump(request, ref stoppable, out var interrupted);
        if (result.IsOk && interrupted)
        {
            reset(state);
            result = Dump(request, ref stoppable, out interrupted);
        }

        return result.IsOk && interrupted ? ReadResult.OkDespite(SourceError.Interrupted) : result;
    }

    /// <summary>Requests one connection.</summary>
    /// <param name="id">The connection.</param>
    /// <param name="found">The connection. Without a state if it is gone.</param>
    /// <returns>Read, whether it exists or is gone; or failed.</returns>
    public ReadResult Find(in TcpSocketId id, out TcpSocket found)
    {
        found = default;
        if (!TryOpen(out var opened))
        {
            return opened;
        }

        var result = _socket.Find(id, out found).Result;
        CloseUnread();
        return result;
    }

    /// <summary>Asks for the AF_UNIX sockets that listen.</summary>
    /// <param name="visitor">Takes them.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined. It keeps what it takes elsewhere.</typeparam>
    public ReadResult DumpUnixListeners<TVisitor>(TVisitor visitor)
        where TVisitor : struct, IUnixSocketVisitor
    {
        if (!TryOpen(out var opened))
        {
            return opened;
        }

        var result = _socket.DumpUnixListeners(ref visitor).Result;
        CloseUnread();
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    [MemberNotNullWhen(true, nameof(_socket))]
    private bool TryOpen(out ReadResult opened)
    {
        opened = ReadResult.Ok;
        if (_socket is null && !net.TryOpenNetlink(out _socket, out opened, out _))
        {
            return false;
        }

        _socket.Timeout = patience ?? _socket.Timeout;
        return true;
    }

    /// <summary>An unread reply would block the next one.</summary>
    private void CloseUnread()
    {
        if (_socket is { HasUnreadReply: true })
        {
            _socket.Dispose();
            _socket = null;
        }
    }

    private ReadResult Dump<TVisitor>(in InetDiagRequest request, ref Stoppable<TVisitor> visitor, out bool interrupted)
        where TVisitor : struct, ITcpSocketVisitor
    {
        interrupted = false;
        if (!TryOpen(out var opened))
        {
            return opened;
        }

        var dump = _socket.Dump(request, ref visitor);
        interrupted = dump.Interrupted;
        CloseUnread();
        return dump.Result;
    }

    private readonly struct Discard : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket) => true;
    }
}
