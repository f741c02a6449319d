namespace TcpStatExporter.Kernel.Model;

/// <summary>The states that every kernel has.</summary>
public static class TcpStates
{
    /// <summary>The states that have a count of their own, in display order.</summary>
    public static ReadOnlySpan<TcpState> Known =>
    [
        TcpState.Established, TcpState.SynSent, TcpState.SynRecv, TcpState.FinWait1, TcpState.FinWait2, TcpState.TimeWait,
        TcpState.Close, TcpState.CloseWait, TcpState.LastAck, TcpState.Listen, TcpState.Closing,
    ];

    /// <summary>Returns the name of a state in labels and reports: "close_wait".</summary>
    /// <param name="state">The state.</param>
    public static string Name(this TcpState state) => state switch
    {
        TcpState.Established => "established",
        TcpState.SynSent => "syn_sent",
        TcpState.SynRecv or TcpState.NewSynRecv => "syn_recv",
        TcpState.FinWait1 => "fin_wait1",
        TcpState.FinWait2 => "fin_wait2",
        TcpState.TimeWait => "time_wait",
        TcpState.Close => "close",
        TcpState.CloseWait => "close_wait",
        TcpState.LastAck => "last_ack",
        TcpState.Listen => "listen",
        TcpState.Closing => "closing",
        _ => "unknown",
    };
}
