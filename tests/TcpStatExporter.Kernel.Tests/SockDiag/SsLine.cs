using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>A socket as a line of <c>ss -Htan</c>: state, Recv-Q, Send-Q, local endpoint, remote endpoint.</summary>
internal static class SsLine
{
    public static string Normalize(string line) =>
        string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Replace("[::]:", "*:", StringComparison.Ordinal);

    public static string Of(TcpSocket socket) =>
        $"{State(socket.State)} {socket.ReceiveQueue} {socket.SendQueue} {End(socket.LocalAddress, socket.LocalPort)} {End(socket.RemoteAddress, socket.RemotePort)}";

    public static TcpState ParseState(string name) => Enum.GetValues<TcpState>().First(s => string.Equals(State(s), name, StringComparison.Ordinal));

    private static string State(TcpState state) => state switch
    {
        TcpState.Established => "ESTAB",
        TcpState.SynSent => "SYN-SENT",
        TcpState.SynRecv or TcpState.NewSynRecv => "SYN-RECV",
        TcpState.FinWait1 => "FIN-WAIT-1",
        TcpState.FinWait2 => "FIN-WAIT-2",
        TcpState.TimeWait => "TIME-WAIT",
        TcpState.Close => "UNCONN",
        TcpState.CloseWait => "CLOSE-WAIT",
        TcpState.LastAck => "LAST-ACK",
        TcpState.Listen => "LISTEN",
        TcpState.Closing => "CLOSING",
        _ => state.ToString(),
    };

    private static string End(IpAddress address, int port)
    {
        // ss prints the wildcard of a dual-stack socket as "*"
        var text = address.Family == IpFamily.IPv4 ? address.ToString() : address is { High: 0, Low: 0 } ? "*" : $"[{address}]";
        return $"{text}:{(port == 0 ? "*" : port)}";
    }
}
