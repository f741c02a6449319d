namespace TcpStatExporter.Counters;

internal static partial class KernelCounterCatalogue
{
    /// <summary>
    /// Connections that fell back from MPTCP to plain TCP. Most of the group's other counters are about subflows.
    /// </summary>
    private static KernelCounter[] CreateMPTcpExt()
    {
        return
        [
            Fallback("MPCapableFallbackACK", "incoming MPTCP connections that became plain TCP during the handshake: its last ACK came without the MPTCP option. Often a middlebox removes it."),
            Fallback("MPCapableFallbackSYNACK", "outgoing MPTCP connections that became plain TCP because the SYN-ACK had no MPTCP option: the peer does not speak MPTCP, or a middlebox removes the option."),
            Fallback("DSSCorruptionFallback", "MPTCP connections that became plain TCP because the mapping of their data (DSS option) was corrupt."),
            new KernelCounter(KernelCounterGroup.MPTcpExt, "MPCurrEstab", IsGauge: true, IsCurated: false, "MPTCP connections that are established now."),
            Fallback("MPCapableDataFallback", "MPTCP connections that became plain TCP because the first data came without an MPTCP option. Absent on older kernels."),
            Fallback("MD5SigFallback", "MPTCP connections that became plain TCP because their socket uses TCP MD5 signatures. Absent on older kernels."),
            Fallback("DssFallback", "MPTCP connections that became plain TCP because the mapping of their data (DSS option) was bad or missing. Absent on older kernels."),
            Fallback("SimultConnectFallback", "MPTCP connections that became plain TCP because both ends connected at once. Absent on older kernels."),
            Fallback("FallbackFailed", "times that MPTCP could not go on as plain TCP, because there were more subflows or data out of order, and reset the subflow instead. Absent on older kernels."),
        ];

        static KernelCounter Fallback(string name, string text) => Create(KernelCounterGroup.MPTcpExt, name, text, isCurated: true);
    }
}
