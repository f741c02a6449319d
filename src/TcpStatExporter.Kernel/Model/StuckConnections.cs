namespace TcpStatExporter.Kernel.Model;

/// <summary>
/// Connections that wait for somebody, by who owns them: those in SYN_SENT for an answer, those in CLOSE_WAIT for the
/// process to close them. Reused from pass to pass.
/// </summary>
public sealed class StuckConnections
{
    // the kernel tells its listeners first, other kernels in any order: what listened at the last pass counts too
    private PortSet _listening = new();
    private PortSet _listeningBefore = new();
    private ushort _low;
    private ushort _high = ushort.MaxValue;

    /// <summary>Connections in SYN_SENT by destination and owner.</summary>
    public EndpointCounts SynSent { get; } = new();

    /// <summary>
    /// Connections in CLOSE_WAIT that a process holds, by owner: those that this host opened by their destination as
    /// well, those that it accepted under no remote end.
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

    /// <summary>Says which local ports connect(2) chooses from: a connection at another one was accepted, even where nothing listens there any more.</summary>
    /// <param name="range">ip_local_port_range; nothing where it is not known.</param>
    public void SetPortRange(in SysctlValue range)
    {
        var isKnown = range.Count == 2 && range.First is >= 0 and <= ushort.MaxValue && range.Second is >= 0 and <= ushort.MaxValue;
        _low = isKnown ? (ushort)range.First : (ushort)0;
        _high = isKnown ? (ushort)range.Second : ushort.MaxValue;
    }

    /// <summary>Takes one socket, in whatever state.</summary>
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
