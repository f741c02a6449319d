using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.Procfs;

/// <summary>Listening sockets. procfs prints no limit, no drops and no owner.</summary>
/// <param name="pass">Reads the rows. In a tick it comes after the sockets and reuses their rows.</param>
internal sealed class ProcfsListenerSource(NetTcpPass pass) : ISource
{
    /// <inheritdoc/>
    public SourceId Id => SourceId.Listeners;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        var result = pass.ForListeners();
        if (result.IsOk)
        {
            pass.Tally.Listeners.CopyTo(snapshot.Listeners);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => pass.Dispose();
}
