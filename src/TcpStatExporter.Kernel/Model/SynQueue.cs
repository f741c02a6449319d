namespace TcpStatExporter.Kernel.Model;

/// <summary>Half-open connections counted by the local address, port and device that the SYN came to.</summary>
public struct SynQueue
{
    /// <summary>Local address, never a wildcard.</summary>
    public IpAddress Address;

    /// <summary>Local port.</summary>
    public ushort Port;

    /// <summary>Index of the interface or VRF that its listener is bound to; 0 where there is none or the source does not tell.</summary>
    public uint Interface;

    /// <summary>Connections in SYN_RECV.</summary>
    public int Length;
}
