using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Sampling.SockDiag;

/// <summary>A source that reads procfs until netlink is available.</summary>
/// <param name="late">Knows when netlink is available.</param>
/// <param name="netlink">Reads by netlink.</param>
/// <param name="procfs">Reads procfs. Has the same name.</param>
internal sealed class LateSource(LateNetlink late, ISource netlink, ISource procfs) : ISource
{
    private bool _isNetlink;

    /// <inheritdoc/>
    public SourceId Id => netlink.Id;

    /// <inheritdoc/>
    public SourceMethod Method => _isNetlink ? netlink.Method : procfs.Method;

    /// <inheritdoc/>
    public ReadResult Read(TcpSnapshot snapshot)
    {
        _isNetlink = late.IsThere();
        return _isNetlink ? netlink.Read(snapshot) : procfs.Read(snapshot);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        netlink.Dispose();
        procfs.Dispose();
    }
}
