using Microsoft.Extensions.Logging;
using TcpStatExporter.Kernel.SockDiag;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>
/// Checks whether <c>tw</c> in sockstat matches a full dump of this network namespace. Before Linux 4.10 it is one number for
/// the whole host. Each sweep is a full dump. Until the first one agrees, and while they disagree, nothing may be derived
/// from <c>tw</c>.
/// </summary>
/// <param name="logger">Logs when the two stop agreeing, and when they agree again.</param>
internal sealed partial class TimeWaitCheck(ILogger logger)
{
    /// <summary>
    /// Number of agreeing sweeps before tw is used again. They can agree by chance while the rest of the host is idle.
    /// </summary>
    private const int AgreementsToRelyAgain = 3;

    private volatile bool _agrees;
    private int _needed = 1;
    private bool _isTold;

    /// <summary>True if tw may be used. Any thread may read it.</summary>
    public bool Agrees => _agrees;

    /// <summary>Compares tw with a full dump.</summary>
    /// <param name="before">tw before the dump.</param>
    /// <param name="counted">Minisockets in the dump: TIME_WAIT, and those in FIN_WAIT2.</param>
    /// <param name="after">tw after the dump.</param>
    public void Compare(long before, long counted, long after)
    {
        var tolerance = StateDerivation.AbsoluteTolerance + (counted / StateDerivation.RelativeTolerance);
        if (counted < Math.Min(before, after) - tolerance || counted > Math.Max(before, after) + tolerance)
        {
            _agrees = false;
            _needed = AgreementsToRelyAgain;
            if (!_isTold)
            {
                LogDisagrees(logger, after, counted);
                _isTold = true;
            }
        }
        else if (!_agrees && --_needed == 0)
        {
            _agrees = true;
            if (_isTold)
            {
                LogAgrees(logger);
                _isTold = false;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "sockstat reports {Told} sockets in TIME_WAIT, but this network namespace has {Counted}. Linux before 4.10 counts them host-wide. Counting states with a full dump at every sample, which costs more CPU.")]
    private static partial void LogDisagrees(ILogger logger, long told, long counted);

    [LoggerMessage(Level = LogLevel.Information, Message = "sockstat and the full dump agree on TIME_WAIT again.")]
    private static partial void LogAgrees(ILogger logger);
}
