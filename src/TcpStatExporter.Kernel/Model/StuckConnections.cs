namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Connections that wait for somebody, by owner: those in SYN_SENT wait for an answer, those in CLOSE_WAIT wait for their
/// process to close them. Reused from pass to pass.
/// </summary>
public sealed class StuckConnections
{
    // Linux reports listeners first, other kernels in any order, so a port that had a listener in the last pass counts too
    private PortSet _listening = new();
    private PortSet _listeningBefore = new();
    private ushort _low;
    private ushort _high = ushort.MaxValue;

    /// <summary>Connections in SYN_SENT by destination and owner.</summary>
    public EndpointCounts SynSent { get; } = new();

    /// <summary>
    /// Connections in CLOSE_WAIT that a process holds, by owner. Those that this host opened are also split by destination.
    /// Those that it accepted are counted without a remote endpoint.
    /// </summary>
    public EndpointCounts CloseWait { get; } = new();

    /// <summary>Starts a pass.</summary>
    public void Reset()
    {
        (_listening, _listeningBefore) = (_listeningBefore, _listening);
        _listening.Clear();
        SynSent.Clear();
        CloseWait.Clear();
    }

    /// <summary>
    /// Sets the local ports that connect(2) chooses from. A connection at any other port was accepted, even if nothing
    /// listens there any more.
    /// </summary>
    /// <param name="range">ip_local_port_range. Empty if unknown.</param>
    public void SetPortRange(in SysctlValue range)
    {
        var isKnown = range.Count == 2 && range.First is >= 0 and <= ushort.MaxValue && range.Second is >= 0 and <= ushort.MaxValue;
        _low = isKnown ? (ushort)range.First : (ushort)0;
        _high = isKnown ? (ushort)range.Second : ushort.MaxValue;
    }

    /// <summary>Adds one socket, in any state.</summary>
    /// <param name="socket">The socket.</param>
    public void Add(in TcpSocket socket)
    {
        switch (socket.State)
        {
            case TcpState.Listen:
                _listening.Add(socket.LocalPort);
                break;
            case TcpState.SynSent:
                var remote = socket.RemoteAddress.Unmapped();
                SynSent.Add(remote, socket.RemotePort, socket.CgroupId, socket.Retransmits > 0, isLocal: remote == socket.LocalAddress.Unmapped() || remote.IsLoopback);
                break;
            case TcpState.CloseWait when socket.Inode != 0 && IsAccepted(socket.LocalPort):
                CloseWait.Add(default, 0, socket.CgroupId);
                break;
            case TcpState.CloseWait when socket.Inode != 0:
                CloseWait.Add(socket.RemoteAddress.Unmapped(), socket.RemotePort, socket.CgroupId);
                break;
        }
    }

    private bool IsAccepted(ushort port) =>
        port < _low || port > _high || _listening.Contains(port) || _listeningBefore.Contains(port);
}
