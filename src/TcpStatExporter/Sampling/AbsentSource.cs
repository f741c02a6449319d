using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling;

/// <summary>A source that procfs does not have: for as long as netlink is not there yet.</summary>
/// <param name="id">Its name.</param>
internal sealed class AbsentSource(SourceId id) : ISource
{
    /// <inheritdoc/>
    public SourceId Id => id;

    /// <inheritdoc/>
    public SourceMethod Method => SourceMethod.Procfs;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot) => ReadResult.Absent;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
