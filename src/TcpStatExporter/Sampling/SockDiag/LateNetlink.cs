using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// sock_diag that could not be had at the start for want of memory or descriptors, which says nothing of the kernel: it is
/// tried again now and then, until the kernel answers or refuses. Any thread may ask.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told when the kernel answers, or refuses.</param>
internal sealed partial class LateNetlink(NetNamespace net, TimeProvider time, ILogger logger)
{
    /// <summary>Time between two tries.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _tried = time.GetTimestamp();
    private bool _isSettled;
    private volatile bool _isThere;

    /// <summary>Whether the kernel answers, as far as is known. Tries where it is time to.</summary>
    public bool IsThere()
    {
        if (_isThere || _isSettled)
        {
            return _isThere;
        }

        lock (_lock)
        {
            if (_isSettled || time.GetElapsedTime(_tried) < Pace)
            {
                return _isThere;
            }

            Try();
            _tried = time.GetTimestamp();
            return _isThere;
        }
    }

    private void Try()
    {
        if (SockDiagConnection.Probe(net, out var error, out var errno))
        {
            _isSettled = true;
            _isThere = true;
            LogThere(logger);
        }
        else if (!NetlinkSocket.MayPass(errno))
        {
            _isSettled = true;
            LogRefused(logger, error.Name(), errno);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The kernel answers sock_diag again. Reading sockets and listeners through netlink, with queue limits, drops and owners.")]
    private static partial void LogThere(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kernel refuses sock_diag ({Reason}, errno {Errno}). Reading sockets and listeners from procfs: this costs more CPU, and there are no queue limits, drops or owners of listeners.")]
    private static partial void LogRefused(ILogger logger, string reason, int errno);
}
