using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>A netlink socket that is opened when it is first needed, and anew after an answer that cannot be read to its end.</summary>
internal sealed class SockDiagConnection : IDisposable
{
    private NetlinkSocket? _socket;

    /// <summary>Whether the kernel lets this process ask for sockets at all.</summary>
    /// <param name="error">Why not.</param>
    /// <param name="errno">The kernel's error.</param>
    public static bool Probe(out SourceError error, out int errno)
    {
        error = SourceError.None;
        if (!NetlinkSocket.TryOpen(out var socket, out var opened, out errno))
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
    /// Asks for sockets. A dump that the kernel marks as interrupted (NLM_F_DUMP_INTR: its table changed, sockets may
    /// be missing or told twice) is asked for once more.
    /// </summary>
    /// <param name="request">Which sockets.</param>
    /// <param name="visitor">Takes them, after <paramref name="reset"/>.</param>
    /// <param name="reset">Makes the visitor forget what an earlier try gave it.</param>
    /// <param name="state">Handed to <paramref name="reset"/>.</param>
    /// <typeparam name="TVisitor">A struct, so that the call is inlined.</typeparam>
    /// <typeparam name="TState">What <paramref name="reset"/> works on.</typeparam>
    /// <returns>Read; read in spite of <see cref="SourceError.Interrupted"/>; or failed.</returns>
    public ReadResult Dump<TVisitor, TState>(in InetDiagRequest request, ref TVisitor visitor, Action<TState> reset, TState state)
        where TVisitor : struct, ITcpSocketVisitor
    {
        if (_socket is null && !NetlinkSocket.TryOpen(out _socket, out var opened, out _))
        {
            return opened;
        }

        reset(state);
        var dump = _socket.Dump(request, ref visitor);
        if (dump is { IsOk: true, Interrupted: true })
        {
            reset(state);
            dump = _socket.Dump(request, ref visitor);
        }

        if (!dump.IsOk)
        {
            if (_socket.HasUnreadReply)
            {
                _socket.Dispose();
                _socket = null;
            }

            return dump.Result;
        }

        return dump.Interrupted ? ReadResult.OkDespite(SourceError.Interrupted) : dump.Result;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private readonly struct Discard : ITcpSocketVisitor
    {
        public bool Visit(in TcpSocket socket) => true;
    }
}
