using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>
/// Sockets by state, by reading every row of tcp and tcp6. Expensive on a busy host, but the only way if netlink is refused.
/// </summary>
/// <param name="pass">Reads the rows, also for the listeners.</param>
internal sealed class ProcfsSocketSource(NetTcpPass pass) : ISource
{
    /// <inheritdoc/>
    public SourceId Id => SourceId.Sockets;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        pass.Tally.Stuck.SetPortRange(snapshot[SourceId.Sysctl].IsOk ? snapshot.Sysctls[Sysctl.IpLocalPortRange] : default);
        var result = pass.ForSockets();
        if (result.IsOk)
        {
            snapshot.States = pass.Tally.States;
            snapshot.CloseWaitUnaccepted = pass.Tally.CloseWaitUnaccepted;
            pass.Tally.SynQueues.CopyTo(snapshot.SynQueues);
            pass.Tally.Stuck.SynSent.CopyTo(snapshot.SynSent);
            pass.Tally.Stuck.CloseWait.CopyTo(snapshot.CloseWait);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => pass.Dispose();
}
