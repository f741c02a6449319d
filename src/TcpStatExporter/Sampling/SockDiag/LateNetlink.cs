using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.Linux;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Retries sock_diag if it was not available at the start because memory or descriptors ran out, which says nothing about the
/// kernel. It retries from time to time until the kernel answers or refuses. Thread-safe.
/// </summary>
/// <param name="net">The network namespace.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs when the kernel answers or refuses.</param>
internal sealed partial class LateNetlink(NetNamespace net, TimeProvider time, ILogger logger)
{
    /// <summary>Time between two attempts.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _tried = time.GetTimestamp();
    private bool _isSettled;
    private volatile bool _isThere;

    /// <summary>Returns true if the kernel is known to answer. Retries if it is time.</summary>
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
